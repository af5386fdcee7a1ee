using AsyncPs.Tests.Http;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>examples/download-files.ps1 against a real server.</summary>
public sealed class DownloadFilesTests : HttpTest
{
    public DownloadFilesTests(TestServer server)
        : base(server)
    {
        Session.Set("example", Repository.Example("download-files.ps1"));
        Session.Set("folder", Folder.Path);
    }

    [Fact]
    public async Task A_second_run_completes_what_the_first_has_left_and_failures_are_told()
    {
        const string Download = """
            'a', 'b', 'c' | ForEach-Object { "$base/file/$_.bin?size=300000" } | & $example -Directory $folder |
                ForEach-Object { "$([IO.Path]::GetFileName($_.File)) $($_.Bytes) $($_.Error)" }
            """;
        string[] expected = ["a.bin 300000 ", "b.bin 300000 ", "c.bin 300000 "];

        ScriptRun first = await Session.RunAsync(Download);
        Assert.Equal(expected, first.Output.Cast<string>().Order(StringComparer.Ordinal));
        byte[] whole = await File.ReadAllBytesAsync(Folder["b.bin"], TestContext.Current.CancellationToken);

        ScriptRun second = await Session.RunAsync(Download);
        Assert.Equal(expected, second.Output.Cast<string>().Order(StringComparer.Ordinal));
        Assert.Equal(whole, await File.ReadAllBytesAsync(Folder["b.bin"], TestContext.Current.CancellationToken));
        Assert.Matches(@"^3 files, 0 failed, 900[,.\s]000 bytes; [\d.,]+ s$", Assert.Single(second.Streams.Information).ToString());

        ScriptRun failing = await Session.RunAsync(
            "& $example \"$base/status/404\", \"$base/file/d.bin?size=10\" -Directory $folder | ForEach-Object { \"$($_.Bytes) $([bool] "
                + "$_.Error)\" }");
        Assert.Equal(["0 True", "10 False"], failing.Output.Cast<string>().Order(StringComparer.Ordinal));
        Assert.Empty(failing.Errors);
    }
}
