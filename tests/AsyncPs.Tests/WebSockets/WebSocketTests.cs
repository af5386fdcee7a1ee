using System.Management.Automation;
using System.Net.WebSockets;
using AsyncPs.Tests.Http;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using AsyncPs.WebSockets;
using Xunit;

namespace AsyncPs.Tests.WebSockets;

/// <summary>Web sockets against a real server: messages whole and in order, back-pressure both ways, clean ends, clear errors.</summary>
public sealed class WebSocketTests : HttpTest
{
    public WebSocketTests(TestServer server)
        : base(server)
    {
        Session.Set("ws", server.Base.Replace("http:", "ws:", StringComparison.Ordinal) + "/ws");
        server.WebSockets.Seen.Clear();
    }

    private IReadOnlyCollection<string> Seen => Server.WebSockets.Seen;

    [Fact]
    public async Task Text_and_bytes_go_and_come_as_they_are()
    {
        ScriptRun run = await Session.RunAsync("""
            $s = Connect-AsyncWebSocket "$ws/echo"
            'hello', '', "gr$([char]252)n" | Write-AsyncWebSocket $s
            , [byte[]] (1, 2, 255) | Write-AsyncWebSocket $s
            Write-AsyncWebSocket $s ([byte[]]::new(100000))
            Write-AsyncWebSocket $s ('x' * 100000)
            Read-AsyncStream $s -Count 6 | ForEach-Object {
                if ($_ -is [byte[]]) { "$($_.Count) bytes to $($_[-1])" } elseif ($_.Length -lt 9) { $_ } else { "$($_.Length) characters" }
            }
            "$($s.State) $($s.Sent) $($s.Received)"
            Close-AsyncWebSocket $s
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(["hello", "", "grün", "3 bytes to 255", "100000 bytes to 0", "100000 characters", "Open 6 6"], run.Output);
    }

    [Fact]
    public async Task Frames_are_put_together_and_a_normal_end_ends_the_read()
    {
        ScriptRun run = await Session.RunAsync("""
            $s = Connect-AsyncWebSocket "$ws/frames"
            Read-AsyncStream $s | ForEach-Object { "$_" }
            "$($s.State) $($s.CloseStatus)"
            $s = Connect-AsyncWebSocket "$ws/close?status=1001&text=bye"
            Read-AsyncStream $s
            "$($s.State) $($s.CloseStatus) $($s.CloseDescription)"
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(["grüße", "1 2 3", "Closed NormalClosure", "last", "Closed EndpointUnavailable bye"], run.Output);
    }

    [Fact]
    public async Task Headers_protocols_and_user_info_are_sent_and_never_shown()
    {
        ScriptRun run = await Session.RunAsync("""
            $uri = $ws.Replace('//', '//user:pass%20word@')
            $s = Connect-AsyncWebSocket "$uri/hello?key=secret" -Headers @{ 'X-Key' = 'hidden' } -SubProtocol v1, v2
            Read-AsyncStream $s
            $s.SubProtocol
            "$s $($s.Uri)"
            ($s.PSObject.Properties | ForEach-Object { $_.Value }) -join ' '
            """);

        Assert.Empty(run.Errors);
        Assert.Equal($"Basic {Convert.ToBase64String("user:pass word"u8)}|hidden|secret", run.Output[0]);
        Assert.Equal("v2", run.Output[1]);
        Assert.All(run.Output.Skip(2), text => Assert.DoesNotMatch("user|pass|secret|hidden", (string)text!));
    }

    [Fact]
    public async Task A_lost_connection_is_an_error_after_the_last_message()
    {
        ScriptRun run = await Session.RunAsync("""
            $s = Connect-AsyncWebSocket "$ws/drop?key=secret"
            try {
                Read-AsyncStream $s | ForEach-Object { $_; if ($_ -eq '2') { 'go' | Write-AsyncWebSocket $s } }
            } catch { "$($_.FullyQualifiedErrorId) $($_.Exception.IsTransient)"; "$_" }
            try { 'late' | Write-AsyncWebSocket $s } catch { $_.FullyQualifiedErrorId }
            try { Invoke-Concurrent { $_ } -InputStream $s } catch { $_.FullyQualifiedErrorId }
            Close-AsyncWebSocket $s
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(["1", "2", "WebSocketDropped,AsyncPs.Commands.ReadAsyncStreamCommand True"], run.Output.Take(3));
        Assert.DoesNotContain("secret", (string)run.Output[3]!, StringComparison.Ordinal);
        Assert.Equal(
            ["WebSocketNotOpen,AsyncPs.Commands.WriteAsyncWebSocketCommand", "WebSocketDropped,AsyncPs.Commands.InvokeConcurrentCommand"],
            run.Output.Skip(4));
    }

    [Theory]
    [InlineData("F10161", "reserved bits")]
    [InlineData("8300", "reserved opcode")]
    [InlineData("81810000000061", "masked")]
    [InlineData("0900", "fragmented ping")]
    [InlineData("897E0080", "long ping")]
    [InlineData("8000", "continuation of nothing")]
    [InlineData("0101618101 62", "message within a message")]
    [InlineData("8101FF", "not UTF-8")]
    [InlineData("880103", "close with half a status")]
    [InlineData("880203E7", "close with a status that is none")]
    [InlineData("827F8000000000000000", "negative length")]
    public async Task A_server_that_breaks_the_protocol_is_not_a_lost_connection(string frames, string what)
    {
        using RawServer raw = RawServer.OpeningWebSocket(
            [0x81, 1, (byte)'1', .. Convert.FromHexString(frames.Replace(" ", "", StringComparison.Ordinal))]);
        Session.Set("raw", raw.Base.Replace("http", "ws", StringComparison.Ordinal));
        ScriptRun run = await Session.RunAsync(
            "try { Read-AsyncStream (Connect-AsyncWebSocket $raw) } catch { $_.FullyQualifiedErrorId; $_.Exception.IsTransient; "
                + "\"$($_.CategoryInfo.Category)\" }");

        Assert.True(
            run.Output.SequenceEqual(["1", "WebSocketProtocolViolated,AsyncPs.Commands.ReadAsyncStreamCommand", false, "ProtocolError"]),
            $"{what}: {string.Join(' ', run.Output)}");
    }

    [Theory]
    [InlineData("810561", "half a message")]
    [InlineData("", "nothing")]
    public async Task A_server_that_hangs_up_is_a_lost_connection(string frames, string what)
    {
        using RawServer raw = RawServer.OpeningWebSocket(Convert.FromHexString(frames), hangsUp: true);
        Session.Set("raw", raw.Base.Replace("http", "ws", StringComparison.Ordinal));
        ScriptRun run = await Session.RunAsync(
            "try { Read-AsyncStream (Connect-AsyncWebSocket $raw) } catch { $_.FullyQualifiedErrorId; $_.Exception.IsTransient }");

        Assert.True(
            run.Output.SequenceEqual(["WebSocketDropped,AsyncPs.Commands.ReadAsyncStreamCommand", true]),
            $"{what}: {string.Join(' ', run.Output)}");
    }

    [Theory]
    [InlineData("$s.Dispose()")]
    [InlineData("$s.DisposeAsync().AsTask().Wait()")]
    [InlineData("Use-AsyncResource { $s } { }")]
    public async Task Disposing_waits_for_no_server(string dispose)
    {
        using RawServer raw = RawServer.OpeningWebSocket([0x81, 1, (byte)'1']);
        Session.Set("raw", raw.Base.Replace("http", "ws", StringComparison.Ordinal));
        ScriptRun run = await Session.RunAsync($$"""
            $s = Connect-AsyncWebSocket $raw
            while ($s.Count -lt 1) { [Threading.Thread]::Sleep(1) }
            $time = [Diagnostics.Stopwatch]::StartNew()
            {{dispose}}
            $time.Elapsed.TotalSeconds -lt 4
            "$($s.State)"
            Read-AsyncStream $s
            Close-AsyncWebSocket $s
            try { 'late' | Write-AsyncWebSocket $s } catch { $_.FullyQualifiedErrorId }
            """);

        Assert.Empty(run.Errors);
        Assert.Equal([true, "Aborted", "1", "WebSocketNotOpen,AsyncPs.Commands.WriteAsyncWebSocketCommand"], run.Output);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", false)]
    [InlineData("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n", false)]
    [InlineData("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", true)]
    [InlineData("", true)]
    public async Task Connecting_again_may_help_only_where_the_server_is_busy_or_away(string answer, bool transient)
    {
        using RawServer raw = RawServer.Saying(answer);
        ErrorRecord error = await Session.FailStatementAsync(
            $"Connect-AsyncWebSocket {raw.Base.Replace("http", "ws", StringComparison.Ordinal)}");

        Assert.StartsWith("WebSocketConnectFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(transient, PSObject.AsPSObject(error.Exception).Properties["IsTransient"].Value);
    }

    [Fact]
    public async Task A_close_for_a_bad_reason_is_an_error_with_the_reason()
    {
        ScriptRun run = await Session.RunAsync("""
            try {
                Read-AsyncStream (Connect-AsyncWebSocket "$ws/close?status=1008&text=no+entry")
            } catch { $_.FullyQualifiedErrorId; $_.Exception.CloseStatus; "$_" }
            """);

        Assert.Equal(
            ["last", "WebSocketClosedWithError,AsyncPs.Commands.ReadAsyncStreamCommand", WebSocketCloseStatus.PolicyViolation],
            run.Output.Take(3));
        Assert.Contains("1008 (PolicyViolation): no entry", (string)run.Output[3]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_an_error()
    {
        ErrorRecord error = await Session.FailStatementAsync(
            "Read-AsyncStream (Connect-AsyncWebSocket \"$ws/large?size=1001\" -MaximumMessageSize 1000)");

        Assert.Equal("WebSocketMessageTooLarge,AsyncPs.Commands.ReadAsyncStreamCommand", error.FullyQualifiedErrorId);
        Assert.Equal(
            ["1000"],
            (
                await Session.RunAsync(
                    "Read-AsyncStream (Connect-AsyncWebSocket \"$ws/large?size=1000\" -MaximumMessageSize 1000) | "
                        + "ForEach-Object { \"$($_.Length)\" }")).Output);
    }

    [Theory]
    [InlineData("Connect-AsyncWebSocket \"$base/status/403\".Replace('http', 'ws')", "WebSocketConnectFailed", "answered 403")]
    [InlineData("Connect-AsyncWebSocket ws://user:secret@127.0.0.1:1/?key=secret", "WebSocketConnectFailed", "refused")]
    [InlineData("Connect-AsyncWebSocket http://user:secret@127.0.0.1:1/?key=secret", "WebSocketArgumentInvalid", "ws://")]
    [InlineData("Connect-AsyncWebSocket relative", "WebSocketArgumentInvalid", "ws://")]
    [InlineData("Connect-AsyncWebSocket \"$ws/echo\" -Headers @{ 'X-Key' = \"secret`r`nvalue\" }", "WebSocketArgumentInvalid", "-Headers")]
    [InlineData("Connect-AsyncWebSocket \"$ws/echo\" -SubProtocol 'a b'", "WebSocketArgumentInvalid", "-SubProtocol")]
    public async Task What_cannot_be_opened_says_why(string script, string id, string reason)
    {
        ErrorRecord error = await Session.FailStatementAsync(script);

        Assert.Equal($"{id},AsyncPs.Commands.ConnectAsyncWebSocketCommand", error.FullyQualifiedErrorId);
        Assert.Contains(reason, error.Exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", $"{error} {error.TargetObject} {error.CategoryInfo} {error.Exception}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Opening_takes_no_longer_than_its_time_and_can_be_stopped()
    {
        var asked = new TaskCompletionSource();
        using var silent = RawServer.Doing(async stream =>
        {
            asked.TrySetResult();
            await stream.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        });
        Session.Set("silent", silent.Base.Replace("http", "ws", StringComparison.Ordinal));

        ErrorRecord error = await Session.FailStatementAsync("Connect-AsyncWebSocket $silent -Timeout 20ms");
        Assert.Equal("WebSocketConnectTimeout,AsyncPs.Commands.ConnectAsyncWebSocketCommand", error.FullyQualifiedErrorId);

        ScriptRun run = Session.Start("Connect-AsyncWebSocket $silent -Timeout Infinite");
        await asked.Task.WaitAsync(Condition.Deadline, TestContext.Current.CancellationToken);
        await run.StopAsync();
    }

    [Fact]
    public async Task A_server_that_does_not_read_makes_the_writer_wait_and_loses_nothing()
    {
        // More than fits into the buffers of the connection.
        ScriptRun opening = await Session.RunAsync("Connect-AsyncWebSocket \"$ws/gated\"");
        var socket = (AsyncWebSocket)Assert.Single(opening.Output)!;
        Session.Set("s", socket);
        Probe probe = Session.Probe;
        ScriptRun run = Session.Start(
            "foreach ($i in 1..60) { $probe.Produce(); Write-AsyncWebSocket $s (\"$i \".PadRight(500000, 'x')) }");
        await Condition.UntilPausedAsync(() => probe.Producer, () => probe.Produced, "the writer waits");
        Assert.InRange(probe.Produced, 1, 59);

        // The message in progress is sent although its writer is stopped.
        int begun = probe.Produced;
        await run.StopAsync();
        ScriptRun late = await Session.RunAsync("Write-AsyncWebSocket $s late -Timeout 20ms");
        Assert.Equal("WebSocketWriteTimeout,AsyncPs.Commands.WriteAsyncWebSocketCommand", Assert.Single(late.Errors).FullyQualifiedErrorId);
        Server.WebSockets.Gate.Release();
        ScriptRun echoes = await Session.RunAsync(
            $"Read-AsyncStream $s -Count {begun} | ForEach-Object {{ \"$($_.Length) $($_.Split(' ')[0])\" }}");

        Assert.Equal(Enumerable.Range(1, begun).Select(i => $"500000 {i}"), echoes.Output);
        await Session.RunAsync("Close-AsyncWebSocket $s");
    }

    [Fact]
    public async Task Only_so_many_messages_are_received_before_anybody_asks()
    {
        ScriptRun opening = await Session.RunAsync("Connect-AsyncWebSocket \"$ws/count?to=500\"");
        var socket = (AsyncWebSocket)Assert.Single(opening.Output)!;
        Session.Set("s", socket);
        await Condition.UntilAsync(() => socket.Received == 17, "16 wait, and one has no place yet");
        Assert.Equal(16, socket.Count);

        ScriptRun run = await Session.RunAsync("Read-AsyncStream $s");

        Assert.Equal(Enumerable.Range(1, 500).Select(i => $"{i}"), run.Output);
    }

    [Fact]
    public async Task A_reader_that_goes_away_takes_no_message_with_it()
    {
        ScriptRun opening = await Session.RunAsync("Connect-AsyncWebSocket \"$ws/echo\"");
        Session.Set("s", Assert.Single(opening.Output));
        for (int i = 0; i < 10; i++)
        {
            ScriptRun late = await Session.RunAsync("Read-AsyncStream $s -Timeout 1ms");
            Assert.StartsWith("StreamReadTimeout,", Assert.Single(late.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
            Probe probe = Session.NewProbe();
            ScriptRun stopped = Session.Start("$probe.Produce(); Read-AsyncStream $s");
            await Condition.UntilAsync(() => probe.Produced == 1, "it reads");
            await stopped.StopAsync();
            await Session.RunAsync($"Write-AsyncWebSocket $s 'a{i}'; Write-AsyncWebSocket $s 'b{i}'");
            Assert.Equal([$"a{i}"], (await Session.RunAsync("Read-AsyncStream $s -Count 1")).Output);
            Assert.Equal([$"b{i}"], (await Session.RunAsync("Read-AsyncStream $s | ForEach-Object { $_; break }")).Output);
        }

        await Session.RunAsync("Close-AsyncWebSocket $s");
    }

    [Fact]
    public async Task Closing_tells_the_other_side_and_ends_readers_without_an_error()
    {
        ScriptRun opening = await Session.RunAsync("Connect-AsyncWebSocket \"$ws/echo\"");
        var socket = (AsyncWebSocket)Assert.Single(opening.Output)!;
        Session.Set("s", socket);
        using var other = new ModuleSession();
        other.Set("s", socket);
        ScriptRun reader = other.Start("Read-AsyncStream $s");
        await Session.RunAsync("'one' | Write-AsyncWebSocket $s");
        await Condition.UntilAsync(() => reader.Records.Count == 1, "it is read");

        ScriptRun close = await Session.RunAsync(
            "Close-AsyncWebSocket $s -Status PolicyViolation -Description enough; $s | Close-AsyncWebSocket; $s.State");

        await reader.EndAsync();
        Assert.Empty(close.Errors);
        Assert.Empty(reader.Errors);
        Assert.Equal([WebSocketState.Closed], close.Output);
        Assert.Equal(["one", "closed 1008 enough"], Seen);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_the_close_is_given_up()
    {
        ScriptRun run = await Session.RunAsync(
            "$s = Connect-AsyncWebSocket \"$ws/gated\"; Close-AsyncWebSocket $s -Timeout 20ms; Read-AsyncStream $s; $s.State -ne 'Open'");

        Assert.Equal("WebSocketCloseTimeout,AsyncPs.Commands.CloseAsyncWebSocketCommand", Assert.Single(run.Errors).FullyQualifiedErrorId);
        Assert.Equal([true], run.Output);
    }

    [Fact]
    public async Task Blocks_share_a_web_socket_and_a_block_runs_for_each_message()
    {
        ScriptRun run = await Session.RunAsync("""
            $s = Connect-AsyncWebSocket "$ws/echo"
            Invoke-Concurrent {
                1..40 | Invoke-Concurrent { $s.SendAsync("$_") } -ThrottleLimit 8
            }, {
                Invoke-Concurrent { [int] $_ * 2 } -InputStream $s -ThrottleLimit 4 |
                    ForEach-Object { $n = 0 } { $_; if (++$n -eq 40) { [void] $s.CloseAsync() } }
            }
            Close-AsyncWebSocket $s
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(Enumerable.Range(1, 40).Select(i => i * 2), run.Output.Cast<int>().Order());
    }

    [Fact]
    public async Task What_is_no_message_is_refused_and_the_next_is_sent()
    {
        ScriptRun run = await Session.RunAsync("""
            $s = Connect-AsyncWebSocket "$ws/echo"
            [byte] 1, 5, @{ a = 1 }, $null, 'fine' | Write-AsyncWebSocket $s
            Read-AsyncStream $s -Count 1
            Close-AsyncWebSocket $s
            """);

        Assert.Equal(["fine"], run.Output);
        Assert.Equal(4, run.Errors.Count);
        Assert.All(run.Errors, e => Assert.StartsWith("WebSocketMessageInvalid,", e.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Contains(", $bytes |", run.Errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.Contains("ConvertTo-Json", run.Errors[2].Exception.Message, StringComparison.Ordinal);
    }
}
