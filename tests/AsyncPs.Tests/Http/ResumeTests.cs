using System.Management.Automation;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

/// <summary>The files of <c>-Resume</c>, against servers that answer byte by byte as the test says.</summary>
public sealed class ResumeTests : HttpTest
{
    private const string Content = "0123456789abcdefghij";
    private const string Script = "Invoke-Concurrent -Uri $raw -OutFile $out -Resume";

    // The first request gets only the beginning.
    private static string First(string validator)
        => $"HTTP/1.1 200 OK\r\n{validator}Content-Length: 20\r\nConnection: close\r\n\r\n01234567";

    public ResumeTests(TestServer server)
        : base(server) => Session.Set("out", Folder["out"]);

    private bool _breaks;

    private string[] Files => [.. Directory.EnumerateFiles(Folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    [Theory]
    [InlineData("bytes 8-19/20", "89abcdefghij", "ETag: \"1\"\r\n")]
    [InlineData("bytes 8-19/20", "89abcdefghij", "Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT\r\n")]
    public async Task The_rest_is_asked_for_and_put_behind(string range, string rest, string validator)
    {
        using RawServer raw = Serve(validator, request => Part(range, rest, validator));
        await BreakAsync();
        dynamic result = await OneAsync(Script);

        Assert.Equal("bytes=8-", RawServer.HeaderOf(raw.Requests.Last(), "Range"));
        Assert.Equal(20L, result.Length);
        await AssertCompleteAsync();
    }

    [Theory]
    [InlineData("bytes 8-19/20", "89abcdefghij", "ETag: \"2\"\r\n")]
    [InlineData("bytes 8-19/20", "89abcdefghij", "")]
    [InlineData("bytes 8-20/21", "89abcdefghijk", "ETag: \"1\"\r\n")]
    [InlineData("bytes 9-19/20", "9abcdefghij", "ETag: \"1\"\r\n")]
    [InlineData("bytes 0-19/20", Content, "ETag: \"1\"\r\n")]
    [InlineData("bytes 8-19/*", "89abcdefghij", "ETag: \"1\"\r\n")]
    [InlineData("bytes */20", "89abcdefghij", "ETag: \"1\"\r\n")]
    [InlineData("items 8-19/20", "89abcdefghij", "ETag: \"1\"\r\n")]
    [InlineData("nonsense", "89abcdefghij", "ETag: \"1\"\r\n")]
    public async Task A_part_that_may_be_of_another_content_is_not_used(string range, string rest, string validator)
    {
        using RawServer raw = Serve("ETag: \"1\"\r\n", request => Part(range, rest, validator));
        await BreakAsync();
        await OneAsync(Script);

        Assert.Null(RawServer.HeaderOf(raw.Requests.Last(), "Range"));
        Assert.Equal(3, raw.Requests.Count);
        await AssertCompleteAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("ETag: W/\"1\"\r\n")]
    public async Task Without_a_validator_nothing_is_kept_and_all_is_asked_for_again(string validator)
    {
        using RawServer raw = Serve(validator, request => Part("bytes 8-19/20", "89abcdefghij", validator));
        await BreakAsync(kept: 0);
        await OneAsync(Script);

        Assert.Null(RawServer.HeaderOf(raw.Requests.Last(), "Range"));
        Assert.Equal(2, raw.Requests.Count);
        await AssertCompleteAsync();
    }

    [Fact]
    public async Task A_part_that_ends_too_early_is_not_complete_and_the_next_goes_on_from_there()
    {
        using RawServer raw = Serve("ETag: \"1\"\r\n", static request => RawServer.HeaderOf(request, "Range") == "bytes=8-"
            ? Part("bytes 8-12/20", "89abc", "ETag: \"1\"\r\n")
            : Part("bytes 13-19/20", "defghij", "ETag: \"1\"\r\n"));
        await BreakAsync();
        ErrorRecord error = await ErrorAsync(Script);

        Assert.StartsWith("HttpResponseEnded,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(true, PSObject.AsPSObject(error.Exception).Properties["IsTransient"].Value);
        Assert.False(File.Exists(Folder["out"]));
        await OneAsync(Script);
        Assert.Equal("bytes=13-", RawServer.HeaderOf(raw.Requests.Last(), "Range"));
        await AssertCompleteAsync();
    }

    [Fact]
    public async Task A_retry_goes_on_from_there_too()
    {
        using RawServer raw = RawServer.Answering(static request => RawServer.HeaderOf(request, "Range") switch
        {
            "bytes=8-" => Part("bytes 8-12/20", "89abc", "ETag: \"1\"\r\n"),
            "bytes=13-" => Part("bytes 13-19/20", "defghij", "ETag: \"1\"\r\n"),
            _ => First("ETag: \"1\"\r\n"),
        });
        Session.Set("raw", raw.Base);
        dynamic result = await OneAsync($"{Script} -RetryCount 2 -RetryDelay 1ms");

        Assert.Equal(3, result.Attempt);
        await AssertCompleteAsync();
    }

    [Theory]
    [InlineData("bytes 8-19/20", "89ab")]
    [InlineData("bytes 8-12/20", "89abcdefghij")]
    public async Task A_part_with_another_length_than_it_says_is_thrown_away(string range, string rest)
    {
        using RawServer raw = Serve("ETag: \"1\"\r\n", _ =>
            $"HTTP/1.1 206 Partial\r\nETag: \"1\"\r\nContent-Range: {range}\r\nTransfer-Encoding: chunked\r\nConnection: "
                + $"close\r\n\r\n{rest.Length:x}\r\n{rest}\r\n0\r\n\r\n");
        await BreakAsync();
        ErrorRecord error = await ErrorAsync(Script);

        Assert.StartsWith("HttpProtocolViolated,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(Files);
    }

    [Theory]
    [InlineData("bytes */20", true)]
    [InlineData("bytes */21", false)]
    [InlineData("bytes */8", false)]
    public async Task A_range_that_is_not_there_means_complete_only_if_the_sizes_agree(string range, bool complete)
    {
        using RawServer raw = Serve(
            "ETag: \"1\"\r\n",
            _ => $"HTTP/1.1 416 No\r\nContent-Range: {range}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        await File.WriteAllTextAsync(Folder["out"], Content, TestContext.Current.CancellationToken);
        await OneAsync(Script);

        Assert.Equal(complete ? 1 : 2, raw.Requests.Count);
        await AssertCompleteAsync();
    }

    [Theory]
    [InlineData("Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT\r\n", true)]
    [InlineData("Last-Modified: Thu, 01 Jan 2099 00:00:00 GMT\r\n", false)]
    [InlineData("ETag: \"1\"\r\n", false)]
    [InlineData("", false)]
    public async Task A_file_with_its_real_name_is_continued_only_if_the_content_is_not_newer(string validator, bool continued)
    {
        using RawServer raw = Serve(validator, request => Part("bytes 8-19/20", "89abcdefghij", validator));
        await File.WriteAllTextAsync(Folder["out"], Content[..8], TestContext.Current.CancellationToken);
        await OneAsync(Script);

        Assert.Equal(continued ? 1 : 2, raw.Requests.Count);
        await AssertCompleteAsync();
    }

    [Fact]
    public async Task A_range_of_the_user_is_not_continued()
    {
        using RawServer raw = Serve("ETag: \"1\"\r\n", _ => Part("bytes 2-5/20", "2345", "ETag: \"1\"\r\n"));
        await OneAsync($"{Script} -Headers @{{ Range = 'bytes=2-5' }}");

        Assert.Equal("2345", await File.ReadAllTextAsync(Folder["out"], TestContext.Current.CancellationToken));
        Assert.Equal("bytes=2-5", RawServer.HeaderOf(Assert.Single(raw.Requests), "Range"));
    }

    [Fact]
    public async Task Two_requests_for_the_same_do_not_write_into_one_part()
    {
        using var both = new SemaphoreSlim(0);
        int requests = 0;
        using RawServer raw = RawServer.Doing(async stream =>
        {
            await stream.WriteAsync(
                "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 20\r\nConnection: close\r\n\r\n01234567"u8.ToArray());
            if (Interlocked.Increment(ref requests) == 2)
            {
                both.Release(2);
            }

            await both.WaitAsync();
            await stream.WriteAsync("89abcdefghij"u8.ToArray());
        });
        Session.Set("raw", raw.Base);
        ScriptRun run = await Session.RunAsync("1, 2 | ForEach-Object { @{ Uri = $raw; OutFile = $out } } | Invoke-Concurrent -Resume");

        Assert.Empty(run.Errors);
        await AssertCompleteAsync();
    }

    private static string Part(string range, string rest, string validator)
        => $"HTTP/1.1 206 Partial\r\n{validator}Content-Range: {range}\r\nContent-Length: {rest.Length}\r\nConnection: close\r\n\r\n{rest}";

    // Requests without a range get all of it.
    private RawServer Serve(string validator, Func<string, string> ofRange)
    {
        RawServer raw = RawServer.Answering(request => RawServer.HeaderOf(request, "Range") is null && !_breaks
            ? $"HTTP/1.1 200 OK\r\n{validator}Content-Length: 20\r\nConnection: close\r\n\r\n{Content}"
            : _breaks ? First(validator) : ofRange(request));
        Session.Set("raw", raw.Base);
        return raw;
    }

    // Leaves the partial file of an earlier call.
    private async Task BreakAsync(int kept = 1)
    {
        _breaks = true;
        ErrorRecord error = await ErrorAsync(Script);
        _breaks = false;
        Assert.Matches("^Http(ResponseEnded|ConnectionReset),", error.FullyQualifiedErrorId);
        Assert.Equal(kept, Files.Length);
    }

    private async Task AssertCompleteAsync()
    {
        Assert.Equal(Content, await File.ReadAllTextAsync(Folder["out"], TestContext.Current.CancellationToken));
        Assert.Contains("out", Files);
    }
}
