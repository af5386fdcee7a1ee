using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;

namespace AsyncPs.Bench;

/// <summary>The benchmarks in another PowerShell, and their server.</summary>
internal static class SelfProcess
{
    /// <summary>The folder of the benchmarks, with what they bring.</summary>
    public static string Folder { get; } = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!;

    /// <summary>
    /// The arguments of a process that runs a command in another PowerShell of this version; the program is that of this process.
    /// </summary>
    public static string[] PowerShell(params string[] arguments)
        => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Path.Combine(Path.GetDirectoryName(typeof(PSObject).Assembly.Location)!, "pwsh.dll"), "-NoProfile", .. arguments]
            : ["-NoProfile", .. arguments];

    /// <summary>Starts the server, its standard input and output redirected.</summary>
    public static Process StartServer() => Process.Start(new ProcessStartInfo("dotnet", [ServerAssembly])
    {
        RedirectStandardOutput = true,
        RedirectStandardInput = true,
    })!;

    /// <summary>Runs a probe and returns the number that it prints.</summary>
    public static double Probe(string probe) => double.Parse(
        Programs.Run(
            Environment.ProcessPath!,
            PowerShell("-File", Path.Combine(Session.RepositoryRoot, "bench", "run.ps1"), "--probe", probe)),
        CultureInfo.InvariantCulture);

    private static string ServerAssembly => Path.Combine(
        Session.RepositoryRoot,
        "bench",
        "AsyncPs.Bench.Server",
        "bin",
        new DirectoryInfo(Folder).Parent!.Name,
        "net10.0",
        "asyncps-bench-server.dll");
}
