using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Pester;

/// <summary>Runs tests/*.Tests.ps1 in the PowerShell of the tool manifest, one file after another in one process.</summary>
public sealed class PesterTests(PesterProcess pester) : IClassFixture<PesterProcess>
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests");

    public static TheoryData<string> Files()
        => [.. Directory.EnumerateFiles(Folder, "*.Tests.ps1").Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task The_file_passes(string file)
    {
        PesterResult result = await pester.RunAsync(Path.Combine(Folder, file));

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"PowerShell {result.PowerShell}, Pester {result.Pester}: {file}: {result.Passed} passed, {result.Failed} failed, "
                + $"{result.Skipped} skipped");
        Assert.True(result is { Result: "Passed", Passed: > 0 }, $"{file}: {result.Result}.\n{result.Output}");
    }
}
