using System.Collections;
using AsyncPs.Concurrency;
using AsyncPs.Blocks;
using AsyncPs.Remote;
using AsyncPs.Remote.Closures;
using AsyncPs.Remote.Transport;

namespace AsyncPs.Commands.Base;

/// <content>Blocks that run in other processes.</content>
public abstract partial class BlockCommand
{
    /// <summary>How many child processes run the blocks, one item at a time each. Default: none; the blocks run in this process.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateRange(1, int.MaxValue)]
    public new virtual int Process { get; set; }

    /// <summary>Runs an item again, in another process, if its process ended first.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    public virtual SwitchParameter RetryLost { get; set; }

    /// <summary>The PowerShell program of the child processes. Default: the one that runs this session.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateNotNullOrEmpty]
    public virtual string? ProcessPath { get; set; }

    /// <summary>The session configuration of the child processes. Default: the default configuration.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateNotNullOrEmpty]
    public virtual string? ConfigurationName { get; set; }

    /// <summary>The directory in which child processes start and blocks run. Default: the current location.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateNotNullOrEmpty]
    public virtual string? WorkingDirectory { get; set; }

    /// <summary>Environment variables of the child processes, in addition to those of this process; null removes one.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateNotNull]
    public virtual IDictionary? Environment { get; set; }

    /// <summary>Whether the blocks run in other processes.</summary>
    private protected bool IsRemote => Process > 0;

    /// <summary>The options of items that run in other processes.</summary>
    private protected CallOptions ForProcesses(CallOptions options)
        => IsRemote ? WithoutWorkers(options) with { RetriesLost = RetryLost } : options;

    /// <summary>Creates what runs the blocks in other processes, and reads everything they need from the caller's session.</summary>
    /// <exception cref="ConcurrentArgumentException">A parameter is wrong, or something cannot exist in another process.</exception>
    private Func<ConcurrentCall, IWorkRunner> PrepareProcesses(ScriptBlock[] blocks, WorkerScripts scripts, int limit)
    {
        if (IsBound(nameof(ThrottleLimit)) && ThrottleLimit > Process)
        {
            throw RemoteErrors.LimitAboveProcesses(ThrottleLimit, Process);
        }

        RemoteTarget target = CreateTarget();
        Hashtable written =
            RemoteClosure.Read(blocks, ArgumentList, CaptureOptions, scripts, new RemoteRunOptions(!NoAwait, UseNewRunspace), this);
        if (target.WorkingDirectory is { } directory)
        {
            written[TravelKeys.Location] = directory;
        }

        int processes = Process;
        return call =>
        {
            written[TravelKeys.StopGrace] = call.Options.StopGrace.TotalMilliseconds;
            return new RemoteTeam(call, target, written, processes, limit);
        };
    }

    private RemoteTarget CreateTarget()
    {
        PowerShellProgram program = ProcessPath is { } path
            ? new PowerShellProgram(FindProgram(path), [])
            : PowerShellProgram.OfThisProcess() ?? throw RemoteErrors.ProgramNotFound();
        RemoteTarget target = RemoteTarget.Children(program, ConfigurationName);
        if (Environment is not null)
        {
            target = target with
            {
                Environment = Environment.Cast<DictionaryEntry>().ToDictionary(
                    static variable => variable.Key.ToString()!, static variable => LanguagePrimitives.ConvertTo<string?>(variable.Value)),
            };
        }

        return WorkingDirectory is { } directory ? target with { WorkingDirectory = FindDirectory(directory) } : target;
    }

    private string FindProgram(string path)
        => SessionState.InvokeCommand.GetCommand(path, CommandTypes.Application) is ApplicationInfo found ? found.Path
            : throw RemoteErrors.ProgramNotFound(path);

    private string FindDirectory(string path)
    {
        string directory = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);
        return Directory.Exists(directory) ? directory : throw RemoteErrors.DirectoryNotFound(path);
    }
}
