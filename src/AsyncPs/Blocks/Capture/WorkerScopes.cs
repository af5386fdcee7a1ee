using AsyncPs.Workers;

namespace AsyncPs.Blocks.Capture;

/// <summary>Where carried code runs in one worker, for one pipeline.</summary>
internal sealed class WorkerScopes(Worker worker, PSCmdlet command)
{
    private readonly Dictionary<CapturedModule, PSModuleInfo> _homes = [];

    /// <summary>The command of the worker's pipeline.</summary>
    public PSCmdlet Command { get; } = command;

    /// <summary>The modules of the worker.</summary>
    public WorkerModules Modules { get; } = WorkerModules.Of(worker);

    /// <summary>The twin of a block in the module it belongs to.</summary>
    public ScriptBlock Bind(ScriptBlock block, CapturedModule home) => Open(home).NewBoundScriptBlock(block);

    /// <summary>The like of a module of the caller, in its state.</summary>
    public PSModuleInfo Open(CapturedModule home)
    {
        if (!_homes.TryGetValue(home, out PSModuleInfo? module))
        {
            module = home.Open(this);

            // Known before it is filled: what it holds may be its own.
            _homes.Add(home, module);
            home.Fill(module, this);
        }

        return module;
    }
}
