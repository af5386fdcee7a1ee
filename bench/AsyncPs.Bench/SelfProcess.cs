using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace AsyncPs.Bench;

/// <summary>This program in another process.</summary>
internal static class SelfProcess
{
    /// <summary>Starts it, its standard input and output redirected.</summary>
    public static Process Start(params ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardInput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs a probe and returns the number that it prints.</summary>
    public static double Probe(string probe)
    {
        using Process process = Start("--probe", probe);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return double.Parse(output, CultureInfo.InvariantCulture);
    }
}
