using System.Globalization;
using System.Management.Automation.Runspaces;
using AsyncPs.Remote.Transport;

namespace AsyncPs.Remote;

/// <summary>The errors of items that run in other processes.</summary>
internal static class RemoteErrors
{
    /// <summary>A value that cannot be sent to another process.</summary>
    public static Exception ValueCannotTravel(string name, Type type, string reason)
        => Argument(
            $"{name} cannot be sent to another process: a {type.Name} {reason}. "
                + "Extract what the block needs, such as a string or a number, before the call, or create the object in the block.",
            "ValueCannotTravel",
            name);

    /// <summary>A caller whose language mode does not apply to other processes.</summary>
    public static Exception LanguageModeNotFull(PSLanguageMode mode)
        => Argument(
            $"-Process needs a session in the language mode FullLanguage, and this one is in {mode}: "
                + "a block in another process would not be restricted as it is here. Leave -Process out.",
            "LanguageModeNotFull",
            mode);

    /// <summary>There is no PowerShell for child processes.</summary>
    public static Exception ProgramNotFound()
        => Argument(
            "-Process found no PowerShell to run: this process is not pwsh, and there is no pwsh beside the engine that it hosts. "
                + "Pass the path of one with -ProcessPath.",
            "PowerShellNotFound",
            target: null);

    /// <summary>A named program that does not exist.</summary>
    public static Exception ProgramNotFound(string path)
        => Argument($"-ProcessPath: the program '{path}' does not exist. Pass the path of a pwsh.", "PowerShellNotFound", path);

    /// <summary>A directory that does not exist.</summary>
    public static Exception DirectoryNotFound(string path)
        => Argument(
            $"-WorkingDirectory: the directory '{path}' does not exist. Pass the path of an existing one.",
            "WorkingDirectoryNotFound",
            path);

    /// <summary>A session configuration where PowerShell has none.</summary>
    public static Exception ConfigurationNameIgnored(string name)
        => Argument(
            $"-ConfigurationName '{name}' is possible on Windows only: elsewhere PowerShell would ignore it, and blocks could use all "
                + "commands.",
            "ConfigurationNameIgnored",
            name);

    /// <summary>A limit above the number of processes.</summary>
    public static Exception LimitAboveProcesses(int limit, int processes)
        => Argument(
            $"-ThrottleLimit {limit} is more than the {processes} processes of the call: a process runs one item at a time. "
                + "Raise -Process, or leave -ThrottleLimit out.",
            "ThrottleLimitAboveProcesses",
            limit);

    /// <summary>A program could not be started.</summary>
    public static Exception ProgramNotStarted(RemoteTarget target, Exception cause)
        => Failure(
            $"'{target.FileName}' could not be started: {cause.Message}",
            "WorkerNotStarted",
            ErrorCategory.OpenError,
            target.FileName,
            cause);

    /// <summary>A process ended or did not answer before it could run an item.</summary>
    public static Exception WorkerNotStarted(RemoteTarget target, IRemoteLink channel, Exception? reason)
    {
        string words = channel.LastWords;
        string said = words.Length > 0 ? $" It wrote: {words}" : "";
        string how = reason is not null ? reason.Message : channel.ExitCode is { } code ? $"it ended with exit code {code}." : "it ended.";
        string remedy = target.IsLocal || reason is TimeoutException ? "" : RemedyOf(words, channel.ExitCode);
        return Failure(
            $"{target.Name}{(target.Session is null ? $" ({target.FileName})" : "")} could not start as a worker: {how}{said}{remedy}",
            "WorkerNotStarted",
            ErrorCategory.OpenError,
            target.Name,
            reason);
    }

    /// <summary>A session that is closed or busy.</summary>
    public static Exception SessionNotAvailable(RemoteTarget target, Runspace session)
        => Failure(
            $"{target.Name} cannot run items: it is {session.RunspaceStateInfo.State}, and its availability is "
                + $"{session.RunspaceAvailability}. Use one that is Opened and Available.",
            "WorkerNotStarted",
            ErrorCategory.ResourceUnavailable,
            target.Name,
            cause: null);

    /// <summary>A session over PowerShell's own SSH transport.</summary>
    public static string SshSession(string name)
        => $"The session '{name}' uses the SSH transport of PowerShell. If the PowerShell on the other machine is killed, that transport "
            + "ends this process too. Use -HostName instead.";

    /// <summary>A module that is too large to send.</summary>
    public static Exception ModuleTooLarge(string name, int most)
        => Argument(
            $"-CopyModule cannot send the module '{name}': its files are more than {most / 1024 / 1024} MB. Install it on the machines.",
            "ModuleTooLarge",
            name);

    /// <summary>Sessions together with parameters of processes.</summary>
    public static Exception NotWithSessions(string parameter)
        => Argument(
            $"-{parameter} cannot be used with -Session: a session runs one item at a time, in the process where it was opened.",
            "ParametersExcludeEachOther",
            parameter);

    // The messages of ssh do not say what to do.
    private static string RemedyOf(string words, int? exitCode)
        => words.Contains("Host key verification failed", StringComparison.Ordinal)
                ? " The host key is unknown. Connect once with ssh and compare it, or set "
                    + "-SshOptions @{ StrictHostKeyChecking = 'accept-new' }."
            : words.Contains("Permission denied", StringComparison.Ordinal)
                ? " ssh does not ask for passwords. Provide a key that the machine accepts, with -KeyFilePath or ssh-agent, and the user "
                    + "with -UserName."
            : words.Contains("subsystem request failed", StringComparison.Ordinal)
                ? " Its sshd has no subsystem powershell. Add one to sshd_config, or name the pwsh there with -ProcessPath."
            : exitCode == CommandNotFound
                ? " The program was not found. Name the pwsh there with -ProcessPath."
            : "";

    private const int CommandNotFound = 127;

    /// <summary>No machine of a call can be reached.</summary>
    public static Exception NoMachine(IReadOnlyList<Exception> causes)
        => Failure(
            string.Join(" ", causes.Select(static cause => cause.Message)),
            "NoWorkerStarted",
            ErrorCategory.OpenError,
            target: null,
            causes.Count == 1 ? causes[0] : new AggregateException(causes));

    /// <summary>A text that is not the name of a machine.</summary>
    public static Exception HostNameInvalid(string text)
        => Argument(
            $"-HostName '{text}' is not the name of a machine. Write web1, user@web1, web1:2222 or user@web1:2222, and an IPv6 address "
                + "in brackets.",
            "HostNameInvalid",
            text);

    /// <summary>The program ssh is missing.</summary>
    public static Exception SshNotFound()
        => Argument("-HostName needs the program ssh, which is not on the path. Install the OpenSSH client.", "SshNotFound", "ssh");

    /// <summary>A key file that does not exist.</summary>
    public static Exception KeyFileNotFound(string path)
        => Argument($"-KeyFilePath: the file '{path}' does not exist.", "KeyFileNotFound", path);

    /// <summary>A name that is not a setting of ssh.</summary>
    public static Exception SshOptionInvalid(string name)
        => Argument(
            $"-SshOptions has '{name}', which is not a setting of ssh. Use names and values as in ssh_config: @{{ ConnectTimeout = 5 }}.",
            "SshOptionInvalid",
            name);

    /// <summary>A parameter for processes of this machine, with -HostName.</summary>
    public static Exception NotOnMachines(string parameter, string remedy)
        => Argument($"-{parameter} cannot be used with -HostName. {remedy}", "ParametersExcludeEachOther", parameter);

    /// <summary>A process that does not answer.</summary>
    public static TimeoutException NoAnswer(TimeSpan time) => new($"it did not answer within {time.TotalSeconds:0} s.");

    /// <summary>Why a process without a heartbeat was ended, as the end of a sentence.</summary>
    public static string SaidNothing(TimeSpan time)
        => string.Create(
            CultureInfo.InvariantCulture,
            $"sent no heartbeat for {time.TotalSeconds:0.#} s (-HeartbeatTimeout) and was stopped");

    /// <summary>An error of a worker that affects all items.</summary>
    public static Exception CallFailed(RuntimeException reason)
    {
        ErrorRecord record = reason.ErrorRecord;

        // The id without the name of the command there.
        string id = record.FullyQualifiedErrorId.Split(',')[0];
        return new ConcurrentArgumentException(new ErrorRecord(reason, id, record.CategoryInfo.Category, record.TargetObject));
    }

    /// <summary>The id of <see cref="WorkerLostAsync"/>.</summary>
    public const string WorkerLostId = "WorkerLost";

    /// <summary>A worker ended before its item did.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="wasRetried">Whether the item was already retried.</param>
    public static async Task<Exception> WorkerLostAsync(RemoteLossException loss, bool wasRetried)
    {
        (string how, string words) = await loss.Link.GetEndAsync().ConfigureAwait(false);
        string said = words.Length > 0 ? $" It wrote: {words}" : "";
        string remedy = wasRetried ? "This happened each time the item ran." : "-RetryLost runs such items again.";
        return Failure(
            $"The item's worker, {loss.Link.Name}, {how} before the item did.{said} {remedy}",
            WorkerLostId,
            ErrorCategory.ResourceUnavailable,
            target: null,
            loss);
    }

    private static RuntimeException Failure(string message, string id, ErrorCategory category, object? target, Exception? cause)
    {
        InvalidOperationException exception = new(message, cause);
        return new RuntimeException(message, exception, new ErrorRecord(exception, id, category, target));
    }

    private static ConcurrentArgumentException Argument(string message, string id, object? target)
        => new(new ErrorRecord(new PSArgumentException(message), id, ErrorCategory.InvalidArgument, target));
}
