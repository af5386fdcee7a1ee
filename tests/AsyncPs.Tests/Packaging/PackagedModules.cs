using System.Xml.Linq;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Packaging;

/// <summary>
/// All modules, packed as for the Gallery and installed from a folder as the feed. NuGet's client resolves and unpacks them, and their
/// folders are then placed like those of installed modules.
/// </summary>
public sealed class PackagedModules : IAsyncLifetime
{
    private readonly TempFolder _folder = new();

    public const string ProjectUrl = "https://example.org/asyncps";

    public string Feed => _folder["feed"];

    /// <summary>For <c>PSModulePath</c>.</summary>
    public string Modules => _folder["Modules"];

    public static string Version { get; } = Property("VersionPrefix");

    public static string FullVersion { get; } = $"{Version}-{Property("Prerelease")}".TrimEnd('-');

    public string Package(string module) => Path.Combine(Feed, $"{module}.{FullVersion}.nupkg");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Feed);
        await PackAsync("AsyncPs", "");
        await PackAsync("AsyncPs.Data", "AsyncPs");
        await PackAsync("AsyncPs.Messaging", "AsyncPs");
        await PackAsync("AsyncPs.Web", "AsyncPs");
        await InstallAsync();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task PackAsync(string module, string needs) => DotNetAsync(
        "msbuild", Path.Combine(Repository.Root, "module", "Package.proj"), "-nologo", "-t:PackModule",
        $"-p:Module={module}", $"-p:Needs={needs}", $"-p:PackageFolder={Feed}/", $"-p:ProjectUrl={ProjectUrl}");

    private async Task InstallAsync()
    {
        string project = _folder["Reader.csproj"];
        string packages = _folder["packages"];
        await File.WriteAllTextAsync(project, $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <RestoreSources>{Feed}</RestoreSources>
                <RestorePackagesPath>{packages}</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="AsyncPs.Data" Version="{FullVersion}" />
                <PackageReference Include="AsyncPs.Messaging" Version="{FullVersion}" />
                <PackageReference Include="AsyncPs.Web" Version="{FullVersion}" />
              </ItemGroup>
            </Project>
            """);
        await DotNetAsync("restore", project);
        foreach (string module in (string[])["AsyncPs", "AsyncPs.Data", "AsyncPs.Messaging", "AsyncPs.Web"])
        {
            Directory.CreateDirectory(Path.Combine(Modules, module));
            Directory.Move(Path.Combine(packages, module.ToLowerInvariant(), FullVersion), Path.Combine(Modules, module, Version));
        }
    }

    private static async Task DotNetAsync(params string[] arguments)
    {
        ChildResult result = await ChildProcess.RunAsync("dotnet", arguments);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
    }

    private static string Property(string name)
        => XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants(name).First().Value;
}
