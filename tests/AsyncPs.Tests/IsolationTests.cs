using System.Runtime.InteropServices;
using AsyncPs.Isolation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests;

/// <summary>
/// The module's packages are isolated from other versions of them, and are not loaded before their first use. In new processes.
/// </summary>
public sealed class IsolationTests
{
    private const string Loaded
        =
            "([AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetName().Name } | Where-Object { $_ -like 'Polly*' -or $_ "
                + "-like 'AsyncPs.*' }) -join ','";

    [Fact]
    public async Task Importing_the_module_loads_no_package()
    {
        ChildResult result = await RunAsync($"$null = 1..3 | Invoke-Concurrent {{ $_ }}; '<' + ({Loaded}) + '>'");

        Assert.Equal("<>", result.Output.Trim());
    }

    [Fact]
    public void Packages_lie_in_a_folder_that_the_default_context_does_not_search()
    {
        Assert.Equal(["AsyncPs.dll"], Directory.GetFiles(BuiltModule.Folder, "*.dll").Select(Path.GetFileName));
        Assert.Contains("Polly.Core.dll", Directory.GetFiles(Path.Combine(BuiltModule.Folder, "dependencies")).Select(Path.GetFileName));
        // Shared assemblies must not be there too, because their types would differ.
        Assert.DoesNotContain(
            "System.Management.Automation.dll",
            Directory.GetFiles(Path.Combine(BuiltModule.Folder, "dependencies")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task The_drivers_of_AsyncPs_Data_come_with_the_first_database_into_a_context_of_their_own()
    {
        Assert.Equal(["AsyncPs.Data.dll"], Directory.GetFiles(BuiltModule.DataFolder, "*.dll").Select(Path.GetFileName));
        ChildResult result = await RunAsync($$"""
            Import-Module '{{BuiltModule.DataManifest}}'
            function Get-Drivers {
                ([AppDomain]::CurrentDomain.GetAssemblies() |
                    ForEach-Object {
                        if ($_.GetName().Name -in 'Npgsql', 'Microsoft.Data.Sqlite', 'SQLitePCLRaw.core') {
                            [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name
                        }
                    }) -join ','
            }
            "<$(Get-Drivers)>"
            $db = Connect-AsyncDatabase -Sqlite :memory:
            "<$(Get-Drivers)>"
            Invoke-ConcurrentQuery $db 'select 1' -Scalar
            """);

        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("<>", lines[0]);
        Assert.Matches("^<AsyncPs.Data dependencies(,AsyncPs.Data dependencies)+>$", lines[1]);
        Assert.Equal("1", lines[2]);
    }

    [Theory]
    [InlineData("win-x64", Architecture.X64, "win-x64")]
    [InlineData("win10-arm64", Architecture.Arm64, "win-arm64")]
    [InlineData("debian.12-x64", Architecture.X64, "linux-x64")]
    [InlineData("linux-musl-arm64", Architecture.Arm64, "linux-musl-arm64")]
    [InlineData("alpine.3.20-x64", Architecture.X64, "linux-musl-x64")]
    [InlineData("osx.14-arm64", Architecture.Arm64, "osx-arm64")]
    public void Native_libraries_are_those_of_the_platform(string runtime, Architecture architecture, string folder)
    {
        Assert.Equal(folder, NativeLibraries.Platform(runtime, architecture));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(BuiltModule.DataFolder, "dependencies", "native", folder), "*e_sqlite3*"));
    }

    [Theory]
    [InlineData(Others + Ours)]
    [InlineData(Ours + Others)]
    public async Task Another_module_may_use_another_version_of_a_package(string script)
    {
        string other = Path.Combine(AppContext.BaseDirectory, "OtherModule", "Polly.Core.dll");
        ChildResult result = await RunAsync($$"""
            $other = '{{other}}'
            {{script}}
            $versions = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'Polly.Core' } | ForEach-Object {
                [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name + ' ' +
                    [Diagnostics.FileVersionInfo]::GetVersionInfo($_.Location).FileVersion }
            $versions -join '; '
            """);

        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("others: Polly.ResiliencePipeline", lines);
        Assert.Contains("ours: AsyncPs.Dependencies.RetryPolicy", lines);
        Assert.Contains("Default 8.4.2", lines[^1], StringComparison.Ordinal);
        Assert.Matches("AsyncPs dependencies 8\\.[5-9]", lines[^1]);
    }

    private const string Others = """
        $null = New-Module -Name OtherModule { $null = [Reflection.Assembly]::LoadFrom($args[0]) } -ArgumentList $other
        'others: ' + ([Polly.ResiliencePipelineBuilder]::new()).Build().GetType().FullName

        """;

    private const string Ours = """
        $assembly = (Get-Command Invoke-Concurrent).ImplementingType.Assembly
        $interface = $assembly.GetType('AsyncPs.Resilience.IPolicies')
        $get = $assembly.GetType('AsyncPs.Isolation.DependencyLoader').GetMethod('Get')
        $policies = $get.MakeGenericMethod($interface).Invoke($null, @())
        $options = [Activator]::CreateInstance($assembly.GetType('AsyncPs.Resilience.RetryOptions'), 3)
        'ours: ' + $interface.GetMethod('CreateRetry').Invoke($policies, @($options)).GetType().FullName

        """;

    private static async Task<ChildResult> RunAsync(string script)
    {
        ChildResult result = await ChildProcess.RunPowerShellAsync("-Command", "Import-Module AsyncPs\n" + script);
        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        return result;
    }
}
