using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

/// <summary>Requests to nginx; skipped where it is not installed.</summary>
public sealed class NginxTests(NginxServer nginx) : IClassFixture<NginxServer>, IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("http", "1.1")]
    [InlineData("h2c", "2")]
    [InlineData("https", "1.1")]
    [InlineData("https", "2")]
    public async Task Every_version_of_HTTP_is_spoken(string scheme, string version)
    {
        ScriptRun run = await RunAsync(
            $"$r = Invoke-Concurrent -Uri \"{nginx.Address(scheme)}/text.txt\" -HttpVersion {version} -SkipCertificateCheck; "
                + "$r.HttpVersion.ToString(2); $r.Content.Length; $r.Headers['Server'][0].Split('/')[0]");

        Assert.Equal(
            [version.Contains('.', StringComparison.Ordinal) ? version : version + ".0", NginxServer.TextLength, "nginx"],
            run.Output);
    }

    [Fact]
    public async Task Many_requests_are_each_answered()
    {
        // The server closes a connection after a thousand requests. Requests in progress over HTTP/2 are then sent again.
        foreach ((string scheme, string version) in new[] { ("http", "1.1"), ("h2c", "2") })
        {
            ScriptRun run = await RunAsync(
                $"(1..2000 | Invoke-Concurrent -Uri {{ \"{nginx.Address(scheme)}/text.txt?$_\" }} -HttpVersion {version} -ThrottleLimit "
                    + $"100 -RetryCount 3 -RetryDelay 0.01 -As Text).Where({{ $_.Length -eq {NginxServer.TextLength} }}).Count");
            Assert.Equal([2000], run.Output);
        }
    }

    [Fact]
    public async Task Text_comes_compressed_and_arrives_as_it_was()
    {
        ScriptRun run = await RunAsync(
            $"(Invoke-Concurrent -Uri \"{nginx.Address("http")}/text.txt\" -As Lines).Count; "
                + $"(Invoke-Concurrent -Uri \"{nginx.Address("http")}/moved\" -As Text).Length");

        Assert.Equal([NginxServer.Lines, NginxServer.TextLength], run.Output);
    }

    [Fact]
    public async Task A_file_that_was_begun_is_continued_by_range()
    {
        nginx.SkipIfMissing();
        using TempFolder folder = new();
        byte[] content = await File.ReadAllBytesAsync(nginx.LargeFile, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder["large.bin"], content[..100_000], TestContext.Current.CancellationToken);
        ScriptRun run = await RunAsync(
            $"(Invoke-Concurrent -Uri \"{nginx.Address("http")}/large.bin\" -OutDirectory '{folder.Path}' -Resume).Status");

        Assert.Equal([206], run.Output);
        Assert.Equal(content, await File.ReadAllBytesAsync(folder["large.bin"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Failures_are_told_from_each_other()
    {
        ScriptRun run = await RunAsync(
            $"'none', 'busy' | Invoke-Concurrent -Uri {{ \"{nginx.Address("http")}/$_\" }} -Ordered -ErrorVariable failed -ErrorAction "
                + $"SilentlyContinue; $failed | ForEach-Object {{ \"$($_.Exception.Response.Status) $($_.Exception.IsTransient) "
                + $"$($_.Exception.RetryAfter)\" }}");

        Assert.Equal(["404 False ", "503 True 00:00:07"], run.Output);
    }

    private async Task<ScriptRun> RunAsync(string script)
    {
        nginx.SkipIfMissing();
        ScriptRun run = await _session.RunAsync(script);
        Assert.Empty(run.Errors);
        return run;
    }
}
