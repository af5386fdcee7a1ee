using System.Diagnostics;
using System.Management.Automation;
using System.Runtime.InteropServices;

namespace AsyncPs.Bench.Page;

/// <summary>The machine and the versions of the results.</summary>
internal sealed record RunEnvironment(string Module, string Engine, string Runtime, string System, string Processors)
{
    private const string ProcessorList = "/proc/cpuinfo";

    public static RunEnvironment Here() => new(
        AsyncPsVersion(),
        EngineVersion(),
        RuntimeInformation.FrameworkDescription,
        $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}",
        $"{Environment.ProcessorCount} × {Model()}");

    // Its assembly version is the same for all releases of 7.6.
    private static string EngineVersion()
        => FileVersionInfo.GetVersionInfo(typeof(PSObject).Assembly.Location).ProductVersion!.Split(' ', '+')[0];

    private static string AsyncPsVersion()
    {
        string manifest = File.ReadAllText(Session.ModulePath);
        string Value(string key)
            => manifest
                .Split('\n')
                .Select(static line => line.Trim())
                .First(line => line.StartsWith(key, StringComparison.Ordinal))
                .Split('\'')[1];
        return $"{Value("ModuleVersion")}-{Value("Prerelease")}".TrimEnd('-');
    }

    private static string Model() => File.Exists(ProcessorList)
        && File.ReadLines(ProcessorList).FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal)) is { } line
        ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
        : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "processors";
}
