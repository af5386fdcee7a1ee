namespace AsyncPs.Shell;

/// <summary>The shell cannot start as asked; the message says why and what to do about it.</summary>
internal sealed class UsageException(string message, int exitCode = ExitCode.BadCommandLine) : Exception(message)
{
    internal int ExitCode { get; } = exitCode;
}
