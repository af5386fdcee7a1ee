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
            using Process process = Start(program, arguments);
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return program == "wrk" || process.ExitCode == 0;
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
        using Process process = Start(program, arguments);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} has failed with exit code {process.ExitCode}.");
    }

    private static Process Start(string program, string[] arguments)
        => Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
