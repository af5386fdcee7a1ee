using AsyncPs.Workers;

namespace AsyncPs.Blocks.Capture;

/// <summary>Where captured code runs in one worker, for one pipeline.</summary>
internal sealed class WorkerScopes(Worker worker, PSCmdlet command)
{
    private readonly Dictionary<CapturedModule, PSModuleInfo> _homes = [];

    /// <summary>The command of the worker's pipeline.</summary>
    public PSCmdlet Command { get; } = command;

    /// <summary>The modules of the worker.</summary>
    public WorkerModules Modules { get; } = WorkerModules.Of(worker);

    /// <summary>The twin of a block in the module it belongs to.</summary>
    public ScriptBlock Bind(ScriptBlock block, CapturedModule home) => Open(home).NewBoundScriptBlock(block);

    /// <summary>The counterpart of a module of the caller, in the caller's state.</summary>
    public PSModuleInfo Open(CapturedModule home)
    {
        if (!_homes.TryGetValue(home, out PSModuleInfo? module))
        {
            module = home.Open(this);

            // Registered before it is filled, because its values may refer to it.
            _homes.Add(home, module);
            home.Fill(module, this);
        }

        return module;
    }
}
