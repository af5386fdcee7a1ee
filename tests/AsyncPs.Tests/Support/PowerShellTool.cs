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

    /// <summary>
    /// The command that starts it. A program started in the background ignores Ctrl+C, and so do its children: where the tests run
    /// like that, PowerShell still has to hear it.
    /// </summary>
    public static IReadOnlyList<string> Command { get; }
        = [.. OperatingSystem.IsLinux() ? (string[])["env", "--default-signal=INT"] : [], DotNet, Assembly, "-NoProfile"];

    /// <summary>A process without a profile.</summary>
    public static ProcessStartInfo StartInfo(params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Command[0], [.. Command.Skip(1), .. arguments]);
        SetEnvironment(start);
        return start;
    }

    /// <summary>
    /// Sets what PowerShell and its children need: the built modules and Pester on the module path, .NET, and no colors.
    /// </summary>
    public static void SetEnvironment(ProcessStartInfo start)
    {
        const string modulePath = "PSModulePath";
        start.Environment[modulePath] =
            Path.GetDirectoryName(BuiltModule.Folder) + Path.PathSeparator + Environment.GetEnvironmentVariable(modulePath);

        // Its own executable, which "pwsh" is in a child, looks for .NET here.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(
            Path.GetDirectoryName(typeof(object).Assembly.Location)!,
            "..",
            "..",
            ".."));
        start.Environment["NO_COLOR"] = "1";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
    }
}
