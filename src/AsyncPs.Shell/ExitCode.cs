namespace AsyncPs.Shell;

/// <summary>The exit codes that do not come from the script: those of <c>pwsh</c>, and of a Unix process ended by a signal.</summary>
internal static class ExitCode
{
    internal const int Success = 0;
    internal const int Failure = 1;
    internal const int BadCommandLine = 64;
    internal const int StartFailed = 70;
    internal const int HangUp = 128 + 1;
    internal const int Interrupted = 128 + 2;
    internal const int Terminated = 128 + 15;
}
