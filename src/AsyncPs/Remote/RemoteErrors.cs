using AsyncPs.Remote.Transport;

namespace AsyncPs.Remote;

/// <summary>The errors of items that run in other processes.</summary>
internal static class RemoteErrors
{
    /// <summary>A value that cannot be sent to another process.</summary>
    public static Exception ValueCannotTravel(string name, Type type, string reason)
        => Argument(
            $"{name} cannot go to another process: a {type.Name} {reason}. "
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
                + "Give the path of one with -ProcessPath.",
            "PowerShellNotFound",
            target: null);

    /// <summary>A named program that does not exist.</summary>
    public static Exception ProgramNotFound(string path)
        => Argument($"-ProcessPath: the program '{path}' does not exist. Give the path of a pwsh.", "PowerShellNotFound", path);

    /// <summary>A directory that does not exist.</summary>
    public static Exception DirectoryNotFound(string path)
        => Argument(
            $"-WorkingDirectory: the directory '{path}' does not exist. Give the path of an existing one.",
            "WorkingDirectoryNotFound",
            path);

    /// <summary>A limit above the number of processes.</summary>
    public static Exception LimitAboveProcesses(int limit, int processes)
        => Argument(
            $"-ThrottleLimit {limit} is more than -Process {processes}: a process runs one item at a time. "
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
    public static Exception WorkerNotStarted(RemoteTarget target, ProcessChannel channel, Exception? reason)
    {
        string said = channel.LastWords is { Length: > 0 } words ? $" It wrote: {words}" : "";
        string how = reason is not null ? reason.Message : channel.ExitCode is { } code ? $"it ended with exit code {code}." : "it ended.";
        return Failure(
            $"{target.Name} ({target.FileName}) could not start as a worker: {how}{said}",
            "WorkerNotStarted",
            ErrorCategory.OpenError,
            target.FileName,
            reason);
    }

    /// <summary>A process that does not answer.</summary>
    public static TimeoutException NoAnswer(TimeSpan time) => new($"it did not answer within {time.TotalSeconds:0} s.");

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
        // The exit code is known shortly after the streams have ended.
        await Task.WhenAny(loss.Channel.Exit, Task.Delay(TimeSpan.FromSeconds(2))).ConfigureAwait(false);
        string code = loss.Channel.ExitCode is { } exit ? $", with exit code {exit}," : "";
        string said = loss.Channel.LastWords is { Length: > 0 } words ? $" It wrote: {words}" : "";
        string remedy = wasRetried ? "This happened each time the item ran." : "-RetryLost runs such items again.";
        return Failure(
            $"The process {loss.Channel.ProcessId} that ran the item ended{code} before the item did.{said} {remedy}",
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
