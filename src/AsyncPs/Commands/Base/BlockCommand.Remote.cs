using System.Collections;
using System.Management.Automation.Runspaces;
using AsyncPs.Blocks;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Remote;
using AsyncPs.Remote.Closures;
using AsyncPs.Remote.Transport;

namespace AsyncPs.Commands.Base;

/// <content>Blocks that run in other processes.</content>
public abstract partial class BlockCommand
{
    /// <summary>
    /// How many processes run the blocks, one item at a time each: on this machine, or on each machine of -HostName. Default: none; the
    /// blocks run in this process. With -HostName: 1.
    /// </summary>
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

    /// <summary>The machines that run the blocks, reached by ssh: names or addresses, optionally with a user and a port.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateNotNullOrEmpty]
    public virtual string[] HostName { get; set; } = [];

    /// <summary>The user on the machines of -HostName. Default: the user in the ssh configuration.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateNotNullOrEmpty]
    public virtual string? UserName { get; set; }

    /// <summary>The SSH port of the machines of -HostName. Default: the port in the ssh configuration.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateRange(1, ushort.MaxValue)]
    public virtual int Port { get; set; }

    /// <summary>The private key for the machines of -HostName. Default: the keys in the ssh configuration and in ssh-agent.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateNotNullOrEmpty]
    public virtual string? KeyFilePath { get; set; }

    /// <summary>Settings of ssh, names and values as in ssh_config.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateNotNull]
    public virtual IDictionary? SshOptions { get; set; }

    /// <summary>How long a worker that runs an item may send no heartbeat before it counts as lost. Default: 60 seconds.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public virtual TimeSpan HeartbeatTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Open sessions of New-PSSession that run the blocks, one item at a time each.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateNotNullOrEmpty]
    public virtual PSSession[] Session { get; set; } = [];

    /// <summary>Sends modules from files that the blocks use to machines that do not have them.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    public virtual SwitchParameter CopyModule { get; set; }

    /// <summary>Whether the blocks run in other processes.</summary>
    private protected bool IsRemote => Process > 0 || HostName.Length > 0 || Session.Length > 0;

    /// <summary>The number of those processes.</summary>
    private protected int RemoteWorkers
        => Session.Length > 0 ? Session.Length : (int)Math.Min(int.MaxValue, Math.Max(1L, Process) * Math.Max(1, HostName.Length));

    /// <summary>The options of items that run in other processes.</summary>
    private protected CallOptions ForProcesses(CallOptions options)
        => IsRemote ? WithoutWorkers(options) with { RetriesLost = RetryLost } : options;

    /// <summary>Refuses parameters of other processes when the blocks run in this one.</summary>
    private void RequireProcesses()
    {
        RequireWith(
            nameof(Process),
            nameof(RetryLost),
            nameof(ProcessPath),
            nameof(ConfigurationName),
            nameof(WorkingDirectory),
            nameof(Environment),
            nameof(HeartbeatTimeout));
        RequireWith(nameof(HostName), nameof(UserName), nameof(Port), nameof(KeyFilePath), nameof(SshOptions), nameof(CopyModule));
    }

    /// <summary>Creates the runner of blocks in other processes, and reads everything they need from the caller's session.</summary>
    /// <exception cref="ConcurrentArgumentException">One of the parameters is wrong, or something cannot live in another
    /// process.</exception>
    private Func<ConcurrentCall, IWorkRunner> PrepareProcesses(ScriptBlock[] blocks, WorkerScripts scripts, int limit)
    {
        if (Session.Length == 0)
        {
            RequireWith(nameof(HostName), nameof(CopyModule));
        }

        int workers = RemoteWorkers;
        if (IsBound(nameof(ThrottleLimit)) && ThrottleLimit > workers)
        {
            throw RemoteErrors.LimitAboveProcesses(ThrottleLimit, workers);
        }

        RemoteTarget[] targets = Session.Length > 0 ? CreateSessions() : HostName.Length > 0 ? CreateMachines() : [CreateTarget()];
        var options = new RemoteRunOptions(!NoAwait, UseNewRunspace, CopyModule);
        Hashtable written =
            RemoteClosure.Read(blocks, ArgumentList, CaptureOptions, scripts, options, this);
        written[TravelKeys.KeepsLocation] = Session.Length == 0;
        if (HostName.Length > 0 || Session.Length > 0)
        {
            // Paths of this machine are not valid there.
            written[TravelKeys.Location] = WorkingDirectory;
            written[TravelKeys.OwnEnvironment] = OwnEnvironment();
        }
        else if (targets[0].WorkingDirectory is { } directory)
        {
            written[TravelKeys.Location] = directory;
        }

        var remote = new RemoteCall(written, Duration.Finite(HeartbeatTimeout));
        return call =>
        {
            written[TravelKeys.StopGrace] = call.Options.StopGrace.TotalMilliseconds;
            written[TravelKeys.Beat] = remote.Heartbeat?.TotalMilliseconds / RemoteCall.BeatsPerTimeout;
            return new RemoteTeam(call, targets, remote, Math.Min(workers, limit));
        };
    }

    private RemoteTarget CreateTarget()
    {
        RequireWith(nameof(HostName), nameof(UserName), nameof(Port), nameof(KeyFilePath), nameof(SshOptions));
        if (ConfigurationName is not null && !OperatingSystem.IsWindows())
        {
            throw RemoteErrors.ConfigurationNameIgnored(ConfigurationName);
        }

        PowerShellProgram program = ProcessPath is { } path
            ? new PowerShellProgram(FindProgram(path), [])
            : PowerShellProgram.OfThisProcess() ?? throw RemoteErrors.ProgramNotFound();
        return RemoteTarget.Children(program, ConfigurationName) with
        {
            Environment = OwnVariables(),
            WorkingDirectory = WorkingDirectory is { } directory ? FindDirectory(directory) : null,
        };
    }

    private RemoteTarget[] CreateSessions()
    {
        string[] others =
        [
            nameof(Process), nameof(HostName), nameof(ProcessPath), nameof(ConfigurationName), nameof(UserName), nameof(Port),
            nameof(KeyFilePath), nameof(SshOptions),
        ];
        if (Array.Find(others, IsBound) is { } other)
        {
            throw RemoteErrors.NotWithSessions(other);
        }

        foreach (PSSession session in Session.Where(static s => s.Runspace.ConnectionInfo?.GetType().Name == "SSHConnectionInfo"))
        {
            WriteWarning(RemoteErrors.SshSession(session.Name));
        }

        return Array.ConvertAll(Session, RemoteTarget.Of);
    }

    private RemoteTarget[] CreateMachines()
    {
        if (ConfigurationName is not null)
        {
            throw RemoteErrors.NotOnMachines(
                nameof(ConfigurationName), "Set the configuration for the subsystem powershell in the machine's sshd_config.");
        }

        string ssh = SessionState.InvokeCommand.GetCommand("ssh", CommandTypes.Application) is ApplicationInfo found ? found.Path
            : throw RemoteErrors.SshNotFound();
        var settings = new SshSettings
        {
            UserName = UserName,
            Port = IsBound(nameof(Port)) ? Port : null,
            KeyFilePath = KeyFilePath is { } key ? FindKey(key) : null,
            Options = [.. (SshOptions ?? new Hashtable()).Cast<DictionaryEntry>().Select(ReadSshOption)],
        };
        return Array.ConvertAll(HostName, text =>
        {
            SshAddress address = SshAddress.TryParse(text) ?? throw RemoteErrors.HostNameInvalid(text);
            return RemoteTarget.Machine(address, ssh, settings, ProcessPath) with { Environment = OwnVariables() };
        });
    }

    private static (string Name, string Value) ReadSshOption(DictionaryEntry option)
    {
        string name = option.Key.ToString()!;
        return name.Length > 0 && name.All(char.IsAsciiLetterOrDigit)
            ? (name, LanguagePrimitives.ConvertTo<string>(option.Value))
            : throw RemoteErrors.SshOptionInvalid(name);
    }

    private Dictionary<string, string?> OwnVariables()
        => (Environment ?? new Hashtable()).Cast<DictionaryEntry>().ToDictionary(
            static variable => variable.Key.ToString()!, static variable => LanguagePrimitives.ConvertTo<string?>(variable.Value));

    private Hashtable OwnEnvironment() => new(OwnVariables());

    private string FindProgram(string path)
        => SessionState.InvokeCommand.GetCommand(path, CommandTypes.Application) is ApplicationInfo found ? found.Path
            : throw RemoteErrors.ProgramNotFound(path);

    private string FindDirectory(string path)
    {
        string directory = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);
        return Directory.Exists(directory) ? directory : throw RemoteErrors.DirectoryNotFound(path);
    }

    private string FindKey(string path)
    {
        string key = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);
        return File.Exists(key) ? key : throw RemoteErrors.KeyFileNotFound(path);
    }
}
