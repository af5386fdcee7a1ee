using System.IO.Compression;
using System.Xml.Linq;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Packaging;

/// <summary>The contents of the packages, and sessions that import the installed modules.</summary>
public sealed class PackageTests(PackagedModules packaged) : IClassFixture<PackagedModules>
{
    private const long Megabyte = 1 << 20;

    [Theory]
    [InlineData("AsyncPs", 2 * Megabyte)]
    [InlineData("AsyncPs.Data", 12 * Megabyte)]
    [InlineData("AsyncPs.Messaging", 2 * Megabyte)]
    [InlineData("AsyncPs.Web", 32 * Megabyte)]
    public void A_package_has_what_the_Gallery_shows_and_nothing_for_debuggers(string module, long largest)
    {
        using ZipArchive package = ZipFile.OpenRead(packaged.Package(module));
        string[] files = [.. package.Entries.Select(static entry => entry.FullName)];

        Assert.Contains($"{module}.psd1", files);
        Assert.Contains($"en-US/{module}.dll-Help.xml", files);
        Assert.Contains("LICENSE", files);
        Assert.Contains("README.md", files);
        Assert.DoesNotContain(files, static file => file.EndsWith(".pdb", StringComparison.OrdinalIgnoreCase));
        Assert.InRange(new FileInfo(packaged.Package(module)).Length, 1, largest);

        using Stream nuspec = package.GetEntry($"{module}.nuspec")!.Open();
        XElement metadata = XDocument.Load(nuspec).Root!.Elements().First();
        string Value(string name) => metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value ?? string.Empty;
        Assert.Equal(PackagedModules.FullVersion, Value("version"));
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("icon.png", Value("icon"));
        Assert.Contains("icon.png", files);
        Assert.Equal($"{PackagedModules.ProjectUrl}/raw/main/module/icon.png", Value("iconUrl"));
        Assert.Equal(PackagedModules.ProjectUrl, Value("projectUrl"));
        Assert.Contains("### Added", Value("releaseNotes"), StringComparison.Ordinal);
        Assert.Contains("PSModule", Value("tags").Split(' '));
        Assert.Contains("PSEdition_Core", Value("tags").Split(' '));
    }

    [Fact]
    public async Task Installed_modules_are_imported_by_name_twice_removed_and_imported_again()
    {
        string output = await RunAsync("""
            Import-Module AsyncPs -WarningVariable warnings
            Import-Module AsyncPs -WarningVariable +warnings
            'warnings: ' + $warnings.Count
            'version: ' + (Get-Module AsyncPs).Version
            'one copy: ' + (Get-Module AsyncPs).Count
            'run: ' + ((1..3 | Invoke-Concurrent { $_ * 2 } -Ordered) -join ',')
            Remove-Module AsyncPs
            'gone: ' + (-not (Get-Module AsyncPs))
            Import-Module AsyncPs
            'again: ' + (Invoke-WithRetry { 'yes' })
            Import-Module AsyncPs.Data
            'data: ' + (Use-AsyncResource (Connect-AsyncDatabase -Sqlite :memory:) { Invoke-ConcurrentQuery $_ 'select 6 * 7' -Scalar })
            Import-Module AsyncPs.Web
            'web: ' + (Invoke-AsyncRoute (New-AsyncRoute GET '/{N}' { param([int] $N) $N * 6 }) GET /7).Content
            Import-Module AsyncPs.Messaging
            try { Connect-AsyncMessageQueue amqp://127.0.0.1:1 -Queue q } catch { 'messaging: ' + $_.FullyQualifiedErrorId.Split(',')[0] }
            'manifests: ' + ('AsyncPs', 'AsyncPs.Data', 'AsyncPs.Messaging', 'AsyncPs.Web' | ForEach-Object {
                (Test-ModuleManifest "$((Get-Module $_).ModuleBase)/$_.psd1" -ErrorAction Stop).Version
            })
            $approved = (Get-Verb).Verb
            $all = Get-Command -Module AsyncPs, AsyncPs.Data, AsyncPs.Messaging, AsyncPs.Web
            'other verbs: ' + @($all | Where-Object Verb -NotIn $approved).Count
            'help: ' + (Get-Help Invoke-Concurrent).Synopsis.Length.Equals(0)
            'topics: ' + @(Get-Help about_AsyncPs*).Count
            """);

        Assert.Equal(
            $"""
            warnings: 0
            version: {PackagedModules.Version}
            one copy: 1
            run: 2,4,6
            gone: True
            again: yes
            data: 42
            web: 42
            messaging: MessageBrokerUnavailable
            manifests: {PackagedModules.Version} {PackagedModules.Version} {PackagedModules.Version} {PackagedModules.Version}
            other verbs: 0
            help: False
            topics: 2
            """.ReplaceLineEndings("\n"),
            output);
    }

    [Fact]
    public async Task A_module_with_another_version_of_the_same_package_may_be_there_before()
    {
        string other = Path.Combine(AppContext.BaseDirectory, "OtherModule", "Polly.Core.dll");
        string output = await RunAsync($$"""
            $null = New-Module -Name OtherModule { $null = [Reflection.Assembly]::LoadFrom($args[0]) } -ArgumentList '{{other}}'
            $null = [Polly.ResiliencePipelineBuilder]::new().Build()
            Import-Module AsyncPs
            'ours: ' + (Invoke-WithRetry { 'runs' } -RetryCount 1)
            'theirs: ' + [Polly.ResiliencePipelineBuilder]::new().Build().GetType().Name
            """);

        Assert.Equal("ours: runs\ntheirs: ResiliencePipeline", output);
    }

    private async Task<string> RunAsync(string script)
    {
        string path = $"$env:PSModulePath = '{packaged.Modules}' + [IO.Path]::PathSeparator + \"$PSHOME/Modules\"\n";
        ChildResult result = await ChildProcess.RunPowerShellAsync("-Command", path + script);
        Assert.True(result.ExitCode == 0 && result.Error.Length == 0, result.Output + result.Error);
        return result.Output.Trim();
    }
}
