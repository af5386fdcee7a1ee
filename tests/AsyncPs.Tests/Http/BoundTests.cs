using System.Globalization;
using System.Management.Automation;
using System.Text;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

[Collection(nameof(SerialTests))]
public sealed class BoundTests(TestServer server) : HttpTest(server)
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n", "X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("HTTP/1.1 200 ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Headers_without_end_are_an_error(string start, string more)
    {
        using RawServer raw = RawServer.Doing(async stream =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(start));
            byte[] forever = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(more, 100)));
            while (true)
            {
                await stream.WriteAsync(forever);
            }
        });
        Session.Set("raw", raw.Base);
        long before = GC.GetTotalAllocatedBytes();
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri $raw -ConnectionTimeoutSeconds 0");

        Assert.Matches("^Http(HeaderTooLarge|ProtocolViolated),", error.FullyQualifiedErrorId);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 100_000_000);
    }

    [Fact]
    public async Task A_decompression_bomb_is_refused_before_it_fills_the_memory()
    {
        await ErrorAsync("Invoke-Concurrent -Uri \"$base/br?size=100000\" -MaximumResponseSize 10");
        long before = GC.GetTotalAllocatedBytes();
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri \"$base/br?size=2000000000\" -MaximumResponseSize 4MB");

        Assert.Equal("HttpResponseTooLarge,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 200_000_000);
    }

    [Theory]
    [InlineData("-As Bytes", "")]
    [InlineData("-As Lines", "\n")]
    [InlineData("-As ServerSentEvents", "\n\n")]
    public async Task All_requests_of_a_call_share_a_bound(string parameters, string end)
    {
        const int Requests = 6;
        const int Fitting = 2;
        var gate = new TaskCompletionSource();
        string start = "data: " + new string('x', 2_500_000);
        using RawServer raw = RawServer.Doing(async stream =>
        {
            string head = $"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n{start.Length:x}\r\n";
            await stream.WriteAsync(Encoding.Latin1.GetBytes(head + start));
            await gate.Task;
            await stream.WriteAsync(Encoding.Latin1.GetBytes($"\r\n{1 + end.Length:x}\r\nx{end}\r\n0\r\n\r\n"));
        });
        Session.Set("raw", raw.Base);

        // One more at a time than fit: of many that grow side by side, all but one may be refused.
        ScriptRun run = Session.Start(
            $"1..{Requests} | Invoke-Concurrent -Uri {{ $raw }} -ThrottleLimit {Fitting + 1} -MaximumTotalSize 8MB {parameters} | "
                + "ForEach-Object { 1 }");
        await Condition.UntilAsync(() => run.Errors.Count == Requests - Fitting, "those that do not fit are refused");
        gate.SetResult();
        await run.EndAsync();

        Assert.Equal(Fitting, run.Output.Count);
        Assert.Equal(Requests - Fitting, run.Errors.Count);
        Assert.All(run.Errors, static e => Assert.StartsWith("HttpMemoryExceeded,", e.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.All(run.Errors, static e => Assert.Equal(true, PSObject.AsPSObject(e.Exception).Properties["IsTransient"].Value));

        // Their memory is released.
        ScriptRun next = await Session.RunAsync($"$raw | Invoke-Concurrent -MaximumTotalSize 4MB {parameters} | ForEach-Object {{ 1 }}");
        Assert.Empty(next.Errors);
        Assert.Equal([1], next.Output);
    }

    [Fact]
    public async Task Small_bodies_are_not_counted()
    {
        ScriptRun run = await Session.RunAsync(
            "1..20 | Invoke-Concurrent -Uri { \"$base/file/x?size=900000\" } -As Bytes -MaximumTotalSize 1 | ForEach-Object Length");

        Assert.Empty(run.Errors);
        Assert.Equal(Enumerable.Repeat<object>(900_000, 20), run.Output);
    }

    [Fact]
    public async Task An_error_whose_explanation_is_endless_is_read_in_part()
    {
        using RawServer raw = RawServer.Doing(async stream =>
        {
            await stream.WriteAsync("HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
            byte[] chunk = Encoding.Latin1.GetBytes($"1000\r\n{new string('x', 4096)}\r\n");
            while (true)
            {
                await stream.WriteAsync(chunk);
            }
        });
        Session.Set("raw", raw.Base);
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri $raw");

        Assert.Equal("HttpStatus,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
        Assert.Equal(64 * 1024, ((string)ErrorTests.ResponseOf(error, "Content")!).Length);
    }

    [Fact]
    public async Task After_ten_thousand_requests_with_faults_sockets_and_memory_are_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sockets are counted in /proc.");
        string script = $$"""
            function Count-Sockets {
                [IO.Directory]::GetFiles('/proc/self/fd').Where({ "$([IO.FileInfo]::new($_).LinkTarget)".StartsWith('socket:') }).Count
            }
            function Get-Memory { [GC]::Collect(); [GC]::WaitForPendingFinalizers(); [GC]::GetTotalMemory($true) }
            function Invoke-Round($count) {
                $ok = 0
                $quietly = @{ ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failed' }
                $count |
                    Invoke-Concurrent -Uri { "{{Server.Base}}/random/$_" } -ThrottleLimit 1000 -As Text @quietly |
                    ForEach-Object { $ok++ }
                "$ok $($failed.Count)"
            }
            $null = Invoke-Round (0..999)
            $module = (Get-Module AsyncPs).Path
            Remove-Module AsyncPs
            $sockets = Count-Sockets
            $memory = Get-Memory
            Import-Module $module
            Invoke-Round (0..9999)
            Remove-Module AsyncPs
            $watch = [Diagnostics.Stopwatch]::StartNew()
            while ((Count-Sockets) -gt $sockets -and $watch.Elapsed.TotalSeconds -lt 20) { [Threading.Thread]::Sleep(50) }
            [Math]::Max(0, (Count-Sockets) - $sockets)
            [Math]::Max(0, ((Get-Memory) - $memory) / 1MB)
            """;
        ChildResult result = await ChildProcess.RunPowerShellAsync("-Command", "Import-Module AsyncPs\n" + script);

        Assert.Equal("", result.Error);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(["7000 3000", "0"], lines[..2]);
        Assert.InRange(double.Parse(lines[2], CultureInfo.InvariantCulture), 0, 20);
    }
}
