using System.Diagnostics;
using System.Reflection;

namespace AsyncPs.Tests.Support;

/// <summary>The <c>pwsh</c> of the tool manifest, which the build has restored.</summary>
public static class PowerShellTool
{
    /// <summary>The host that runs the tests runs it too.</summary>
    private static readonly string DotNet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public static string Assembly { get; } = typeof(PowerShellTool).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static metadata => metadata.Key == "pwsh.dll").Value!;

    /// <summary>The command that starts it, without arguments.</summary>
    public static IReadOnlyList<string> Command { get; } = [DotNet, Assembly];

    /// <summary>A process without a profile whose module path begins with the built modules, and Pester.</summary>
    public static ProcessStartInfo StartInfo(params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(DotNet, [Assembly, "-NoProfile", .. arguments]);
        SetEnvironment(start);
        return start;
    }

    /// <summary>What it and its children need, whichever program starts it.</summary>
    public static void SetEnvironment(ProcessStartInfo start)
    {
        const string modulePath = "PSModulePath";
        start.Environment[modulePath] = Path.GetDirectoryName(BuiltModule.Folder) + Path.PathSeparator + Environment.GetEnvironmentVariable(modulePath);

        // Its own executable, which "pwsh" is in a child, looks for .NET here.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
    }
}
