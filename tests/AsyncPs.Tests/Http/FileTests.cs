using System.Management.Automation;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

public sealed class FileTests : HttpTest
{
    public FileTests(TestServer server)
        : base(server) => Session.Set("folder", Folder.Path);

    private string[] Files
        => [.. Directory
            .EnumerateFileSystemEntries(Folder.Path, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Folder.Path, f))
            .Order(StringComparer.Ordinal)];

    [Fact]
    public async Task A_body_goes_to_the_file_named()
    {
        dynamic result = await OneAsync("Invoke-Concurrent -Uri \"$base/file/x?size=300000\" -OutFile \"$folder/out.bin\"");

        Assert.Equal(Folder["out.bin"], result.File.FullName);
        Assert.Equal(300_000L, result.Length);
        Assert.Equal("", result.Content);
        Assert.Equal(
            TestServer.Content(300_000, "1"),
            await File.ReadAllBytesAsync(Folder["out.bin"], TestContext.Current.CancellationToken));
        Assert.Equal(["out.bin"], Files);
    }

    [Fact]
    public async Task Rows_name_their_own_files()
    {
        ScriptRun run = await Session.RunAsync(
            "1..3 | ForEach-Object { @{ Uri = \"$base/file/x?size=$_\"; OutFile = \"$folder/$_.bin\" } } | Invoke-Concurrent");

        Assert.Empty(run.Errors);
        Assert.Equal(["1.bin", "2.bin", "3.bin"], Files);
    }

    [Theory]
    [InlineData("download?disposition=attachment;%20filename=%22a%20b.txt%22", "a b.txt")]
    [InlineData("download?disposition=attachment;%20filename=%22..%2F..%2Fetc%2Fpasswd%22", "passwd")]
    [InlineData("download?disposition=attachment;%20filename=%22..%5C..%5Cevil.exe%22", "evil.exe")]
    [InlineData("download?disposition=attachment;%20filename*=UTF-8''%25e2%2582%25ac.txt", "€.txt")]
    [InlineData("download?disposition=attachment;%20filename=%22.bashrc%22", "bashrc")]
    [InlineData("download?disposition=attachment;%20filename=%22con.txt%22", "_con.txt")]
    [InlineData("download?disposition=attachment;%20filename=%22a:b%3F*.txt%22", "a_b__.txt")]
    [InlineData("download?disposition=nonsense%20%22", "download")]
    [InlineData("download/some/page.html?x=1", "page.html")]
    [InlineData("download/some/folder/", "folder")]
    [InlineData("download/%2e%2e%2f%2e%2e%2fup.txt", "up.txt")]
    [InlineData("download/..%5cup.txt", "up.txt")]
    public async Task Names_are_made_safe(string path, string name)
    {
        ScriptRun run = await Session.RunAsync($"Invoke-Concurrent -Uri \"$base/{path}\" -OutDirectory \"$folder/new/sub\"");

        Assert.Empty(run.Errors);
        Assert.Equal(["new", Path.Combine("new", "sub"), Path.Combine("new", "sub", name)], Files);
    }

    [Theory]
    [InlineData("attachment; filename=\"a.txt\";", "a.txt")]
    [InlineData("attachment; filename=a b.txt", "a b.txt")]
    [InlineData("attachment; filename=a b.txt ; x=y", "a b.txt")]
    [InlineData("attachment;filename = \"a b.txt\" ;", "a b.txt")]
    [InlineData("attachment; filename=\"a \\\"b\\\".txt\"", "a _b_.txt")]
    [InlineData("attachment; filename=\"a; filename=b.txt\"", "a; filename=b.txt")]
    [InlineData("attachment; filename=\"C:\\dir\\a.txt\"", "a.txt")]
    [InlineData("attachment; filename=\"unfinished.txt", "unfinished.txt")]
    [InlineData("attachment; filename=\"grÃ¼Ã\u009fe.txt\"", "grüße.txt")]
    [InlineData("attachment; filename=\"gr\u00FC\u00DFe.txt\"", "grüße.txt")]
    [InlineData("attachment; filename==?utf-8?B?w7xuw68udHh0?=", "ünï.txt")]
    [InlineData("attachment; filename=\"a.txt\"; filename*=UTF-8''%e2%82%ac.txt", "€.txt")]
    [InlineData("attachment; filename*=utf-8'de'%E2%82%AC.txt; filename=a.txt", "€.txt")]
    [InlineData("attachment; filename*=\"UTF-8''%e2%82%ac.txt\"", "€.txt")]
    [InlineData("attachment; filename*=iso-8859-1''%a3.txt", "£.txt")]
    [InlineData("attachment; filename*=nonsense''x; filename=a.txt", "a.txt")]
    [InlineData("attachment; filename*=UTF-8''%zz.txt; filename=a.txt", "%zz.txt")]
    [InlineData("filename=a.txt", "a.txt")]
    [InlineData("attachment; FILENAME=a.txt", "a.txt")]
    [InlineData("attachment; filename=; x", "uri.txt")]
    [InlineData("attachment; filename=\"\"", "uri.txt")]
    [InlineData("attachment", "uri.txt")]
    public async Task Names_of_servers_are_read_as_browsers_read_them(string disposition, string name)
    {
        using RawServer raw = RawServer.Saying(
            $"HTTP/1.1 200 OK\r\nContent-Disposition: {disposition}\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
        Session.Set("raw", raw.Base);
        ScriptRun run = await Session.RunAsync("Invoke-Concurrent -Uri \"$raw/uri.txt\" -OutDirectory $folder");

        Assert.Empty(run.Errors);
        Assert.Equal([name], Files);
    }

    [Fact]
    public async Task Equal_names_of_one_call_do_not_replace_each_other()
    {
        ScriptRun run = await Session.RunAsync(
            "\"$base/download/a/x.txt\", \"$base/download/b/x.txt\", \"$base/download/a/x.txt\" | Invoke-Concurrent -OutDirectory $folder");

        Assert.Empty(run.Errors);
        Assert.Equal(["x (2).txt", "x (3).txt", "x.txt"], Files);
    }

    [Fact]
    public async Task What_was_not_finished_does_not_look_complete()
    {
        await File.WriteAllTextAsync(Folder["out"], "old", TestContext.Current.CancellationToken);
        Server.Breaks = true;
        Server.Gate.Release();
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri \"$base/file/x?size=300000\" -OutFile \"$folder/out\"");
        Server.Breaks = false;

        AssertBrokenOff(error);
        Assert.Equal(["out"], Files);
        Assert.Equal("old", await File.ReadAllTextAsync(Folder["out"], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("1", "150000")]
    [InlineData("2", "0")]
    public async Task An_unfinished_file_is_continued_if_it_is_still_the_same(string version, string from)
    {
        const string Script = "Invoke-Concurrent -Uri \"$base/file/x?size=300000\" -OutFile \"$folder/out\" -Resume";
        Server.Breaks = true;
        ScriptRun first = Session.Start(Script);
        await Condition.UntilAsync(() => Files.Length == 1 && new FileInfo(Folder[Files[0]]).Length == 150_000, "half of the file");
        Server.Gate.Release();
        await first.EndAsync();
        AssertBrokenOff(Assert.Single(first.Errors));
        Assert.EndsWith(".part", Assert.Single(Files), StringComparison.Ordinal);

        (Server.Breaks, Server.Version) = (false, version);
        ScriptRun second = await Session.RunAsync(Script);
        Server.Version = "1";

        Assert.Empty(second.Errors);
        Assert.Equal(from, HeaderOf(second, "X-From"));
        Assert.Equal(
            TestServer.Content(300_000, version),
            await File.ReadAllBytesAsync(Folder["out"], TestContext.Current.CancellationToken));
        Assert.Contains("out", Files);
    }

    [Fact]
    public async Task A_complete_file_is_left_and_a_started_one_of_others_is_continued()
    {
        byte[] content = TestServer.Content(1000, "1");
        await File.WriteAllBytesAsync(Folder["x"], content[..400], TestContext.Current.CancellationToken);
        const string Script = "Invoke-Concurrent -Uri \"$base/file/x?size=1000\" -OutDirectory $folder -Resume";

        ScriptRun run = await Session.RunAsync(Script);
        Assert.Empty(run.Errors);
        Assert.Equal("400", HeaderOf(run, "X-From"));
        Assert.Equal(content, await File.ReadAllBytesAsync(Folder["x"], TestContext.Current.CancellationToken));

        dynamic again = await OneAsync(Script);
        Assert.Equal(416, again.Status);
        Assert.Equal(content, await File.ReadAllBytesAsync(Folder["x"], TestContext.Current.CancellationToken));
        Assert.Equal(["x"], Files);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Resume")]
    public async Task A_further_attempt_has_the_name_of_the_first(string parameters)
    {
        Server.Breaks = true;
        ScriptRun run = Session.Start(
            $"Invoke-Concurrent -Uri \"$base/file/x?size=300000\" -OutDirectory $folder -RetryCount 1 -RetryDelay 1ms {parameters}");
        await Condition.UntilAsync(() => Files.Length == 1 && new FileInfo(Folder[Files[0]]).Length == 150_000, "half of the file");
        Server.Breaks = false;
        Server.Gate.Release();
        await run.EndAsync();

        Assert.Empty(run.Errors);
        Assert.Equal(["x"], Files);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_an_error()
    {
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri \"$base/file/x?size=10\" -OutFile \"$folder/none/out\"");

        Assert.Equal("HttpFileNotWritten,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.WriteError, error.CategoryInfo.Category);
    }

    [Fact]
    public async Task A_failure_leaves_no_file()
    {
        await ErrorAsync("Invoke-Concurrent -Uri \"$base/status/404\" -OutDirectory $folder");

        Assert.Empty(Files);
    }

    // Which of the two depends on whether the reset overtakes the last bytes.
    private static void AssertBrokenOff(ErrorRecord error)
        => Assert.Matches("^Http(ResponseEnded|ConnectionReset),", error.FullyQualifiedErrorId);

    private static string? HeaderOf(ScriptRun run, string name)
        => ((IReadOnlyDictionary<string, string[]>)run.Records[0].Properties["Headers"].Value)[name][0];
}
