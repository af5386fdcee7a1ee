using System.Reflection;
using System.Runtime.InteropServices;
using AsyncPs.Concurrency;
using AsyncPs.Isolation;

namespace AsyncPs.Web.Hosting;

/// <summary>
/// Gives access to the web framework, ASP.NET Core of the runtime's major version. An installed one is preferred, because the owner of the
/// machine keeps it up to date. Otherwise it is the part that the module ships for the platform.
/// </summary>
internal static class WebFramework
{
    private const string Name = "Microsoft.AspNetCore.App";
    private const string Probe = "Microsoft.AspNetCore.Server.Kestrel.Core.dll";

    // A failure is not cached, because the framework may be installed meanwhile.
    private static readonly Lazy<IWebHosting> Instance = new(Load, LazyThreadSafetyMode.PublicationOnly);

    /// <summary>Creates servers.</summary>
    /// <exception cref="ConcurrentArgumentException">There is no framework.</exception>
    public static IWebHosting Hosting => Instance.Value;

    private static string ModuleFolder => Path.GetDirectoryName(typeof(WebFramework).Assembly.Location)!;

    /// <summary>The folder of the framework to load, or null.</summary>
    /// <param name="runtime">The folder of the runtime.</param>
    /// <param name="shipped">The folder of the shipped part.</param>
    /// <param name="version">The version of the runtime.</param>
    /// <param name="installations">Other folders in which .NET may be installed.</param>
    public static string? Find(string runtime, string shipped, Version version, IEnumerable<string> installations)
    {
        // .../shared/Microsoft.NETCore.App/10.0.1
        string? beside = Path.GetDirectoryName(Path.GetDirectoryName(runtime.TrimEnd(Path.DirectorySeparatorChar)));
        IEnumerable<string> shared = installations.Select(static installation => Path.Combine(installation, "shared"));
        return (beside is null ? shared : shared.Prepend(beside))
            .Select(folder => Newest(Path.Combine(folder, Name), version))
            .FirstOrDefault(static found => found is not null)
            ?? (File.Exists(Path.Combine(shipped, Probe)) ? shipped : null);
    }

    private static IWebHosting Load()
    {
        string dependencies = Path.Combine(ModuleFolder, "dependencies");
        string platform = NativeLibraries.Platform(RuntimeInformation.RuntimeIdentifier, RuntimeInformation.ProcessArchitecture);
        string folder = Find(
            RuntimeEnvironment.GetRuntimeDirectory(),
            Path.Combine(dependencies, "framework", platform),
            Environment.Version,
            Installations())
            ?? throw WebErrors.FrameworkMissing(platform, Environment.Version.Major);
        return Load(dependencies, folder);
    }

    /// <summary>Loads a framework from its folder.</summary>
    internal static IWebHosting Load(string dependencies, string folder)
    {
        Assembly[] modules = [typeof(WebFramework).Assembly, typeof(ConcurrentCall).Assembly];
        string server = Path.Combine(dependencies, "AsyncPs.Web.Server.dll");
        return File.Exists(server)
            ? DependencyLoadContext.Create<IWebHosting>(new WebLoadContext([dependencies, folder], modules).LoadFromAssemblyPath(server))
            : throw IsolationErrors.DependenciesMissing("AsyncPs.Web", server);
    }

    private static IEnumerable<string> Installations()
    {
        string? named = Environment.GetEnvironmentVariable("DOTNET_ROOT");
        string[] usual = OperatingSystem.IsWindows()
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "dotnet")]
            : OperatingSystem.IsMacOS() ? ["/usr/local/share/dotnet", "/opt/homebrew/opt/dotnet/libexec"]
            : ["/usr/share/dotnet", "/usr/lib/dotnet", "/usr/lib64/dotnet"];
        return string.IsNullOrEmpty(named) ? usual : usual.Prepend(named);
    }

    private static string? Newest(string folder, Version runtime)
        => Directory.Exists(folder)
            ? Directory.GetDirectories(folder)
                .Select(
                    static path => (Path: path, Version: Version.TryParse(Path.GetFileName(path), out Version? version) ? version : null))
                .Where(
                    found => found.Version?.Major == runtime.Major
                        && found.Version.Minor == runtime.Minor
                        && File.Exists(Path.Combine(found.Path, Probe)))
                .OrderBy(static found => found.Version).LastOrDefault().Path
            : null;
}
