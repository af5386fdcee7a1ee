using System.ComponentModel;
using System.Diagnostics;

namespace AsyncPs.Bench;

/// <summary>Other programs, where they are installed.</summary>
internal static class Programs
{
    /// <summary>Whether a program can be started and ends well (wrk never does when it is only asked for its version).</summary>
    public static bool Runs(string program, params string[] arguments)
    {
        try
        {
            (int exitCode, _, _) = RunToEnd(program, arguments);
            return program == "wrk" || exitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Runs a program to its end and returns what it has written.</summary>
    /// <exception cref="InvalidOperationException">It has failed.</exception>
    public static string Run(string program, string[] arguments)
    {
        (int exitCode, string output, string error) = RunToEnd(program, arguments);
        return exitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} has failed with exit code {exitCode}. {error}".TrimEnd());
    }

    private static (int ExitCode, string Output, string Error) RunToEnd(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(
            program,
            arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

        // Both at the same time: a program blocks when its output is not read.
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
