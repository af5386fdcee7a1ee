using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Inspection;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Inspection;

/// <summary>Each kind of wait is shown by its name.</summary>
public sealed class WaitTests : IDisposable
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(1);

    private readonly ModuleSession _session = new();

    // Other tests have calls of their own.
    private readonly string _mark = $"mark-{Guid.NewGuid():N}";

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData(WaitKind.Permit, "^a permit of throttle \\d+ \\(1 of 1 taken\\), held by #\\d+\\[[01]\\]$",
        "$t = New-Throttle 1; 0..1 | Invoke-Concurrent -ThrottleLimit 2 { Use-Throttle $t { $probe.Pass() } }")]
    [InlineData(WaitKind.Permit, "^a permit of throttle \\d+ \\(1 of 1 taken\\), held by #\\d+\\[[01]\\]$",
        "$t = New-Throttle 1; 0..1 | Invoke-Concurrent -ThrottleLimit 2 -Throttle $t { $probe.Pass() }")]
    [InlineData(WaitKind.Permit, "^a permit of throttle \\d+ \\(1 of 1 taken\\), held by #\\d+\\[0\\]$",
        "0..1 | Start-Throttled -ThrottleLimit 1 { $probe.Pass() } | Receive-Job -Wait")]
    [InlineData(WaitKind.Permit, "^a permit of throttle \\d+ \\(0.01 a second\\)$",
        "$t = New-Throttle -PerSecond 0.01 -Burst 1; 0..1 | Invoke-Concurrent -ThrottleLimit 2 -Throttle $t { $_ }")]
    [InlineData(WaitKind.QueueRoom, "^room in Full \\(1 of 1\\)$",
        "$q = New-AsyncQueue -Capacity 1 -Name Full; 0 | Invoke-Concurrent { 1..3 | Write-AsyncQueue $q }")]
    [InlineData(WaitKind.QueueItem, "^an item of Empty$",
        "$q = New-AsyncQueue -Name Empty; 0 | Invoke-Concurrent { Read-AsyncQueue $q }")]
    [InlineData(WaitKind.QueueEnd, "^the last item of Undone to be done \\(1 wait, 0 are being dealt with\\)$",
        "$q = New-AsyncQueue -Name Undone; 1 | Write-AsyncQueue $q; 0 | Invoke-Concurrent { Wait-AsyncQueue $q }")]
    [InlineData(WaitKind.Job, "^the job Long, held by #\\d+\\[0\\]$",
        "$j = Start-Throttled -Name Long { $probe.Pass() }; 0 | Invoke-Concurrent { $x = Wait-Async $j; $x }")]
    [InlineData(WaitKind.Job, "^the jobs Long, held by #\\d+\\[0\\]$",
        "0 | Invoke-Concurrent { $null = Start-Throttled -Name Long { $probe.Pass() } | Wait-Job }")]
    [InlineData(WaitKind.Task, "^a task that it has written$", "0 | Invoke-Concurrent { , $probe.EnterAsync() }")]
    [InlineData(WaitKind.Task, "^a task that it has written$", "0 | Invoke-Concurrent -ItemTimeout 100 { , $probe.EnterAsync() }")]
    [InlineData(WaitKind.Task, "^task \\d+$", "$task = $probe.EnterAsync(); 0 | Invoke-Concurrent { $x = Wait-Async $task; $x }")]
    [InlineData(WaitKind.Stream, "^the next element of a stream$",
        "0 | Invoke-Concurrent { $x = New-AsyncStream { $probe.Pass() } | Read-AsyncStream; $x }")]
    [InlineData(WaitKind.CacheValue, "^the value of the key 'k' in cache \\d+(, held by #\\d+\\[0\\])?$",
        "$c = New-AsyncCache; 0..1 | Invoke-Concurrent -ThrottleLimit 2 { $x = Get-AsyncCache $c k { $probe.Pass() }; $x }")]
    [InlineData(WaitKind.PoolObject, "^an object of pool \\d+ \\(1 of 1 in use\\), held by #\\d+\\[[01]\\]$",
        "$p = New-AsyncPool { [object]::new() } -MaxSize 1; "
        + "0..1 | Invoke-Concurrent -ThrottleLimit 2 { Use-AsyncPool $p { $probe.Pass() } }")]
    [InlineData(WaitKind.Event, "^the handlers of 'topic' on Bus",
        "$b = New-AsyncEventBus -Name Bus; $null = Register-AsyncEvent $b topic { $probe.Pass() }; "
        + "0 | Invoke-Concurrent { Publish-AsyncEvent $b topic 1 -Wait }")]
    [InlineData(WaitKind.Sleep, "^Start-Sleep -Seconds 100$", "0 | Invoke-Concurrent { Start-Sleep -Seconds 100 }")]
    [InlineData(WaitKind.Sleep, "^its next attempt$", "0 | Invoke-Concurrent -RetryCount 1 -RetryDelay 100 { throw 'x' }")]
    [InlineData(WaitKind.Items, "^the items of #\\d+$", "0 | Invoke-Concurrent { $x = 0 | Invoke-Concurrent { $probe.Pass() }; $x }")]
    [InlineData(WaitKind.Items, "^its attempts$", "0 | Invoke-Concurrent -Hedge 100 { $probe.Pass() }")]
    [InlineData(WaitKind.Pipeline, "^the pipeline, to take what it has written$",
        "0 | Invoke-Concurrent { 1..100000 } | ForEach-Object { $probe.Hold() }")]
    [InlineData(WaitKind.Order, "^items before it, because results leave in order$",
        "0..1 | Invoke-Concurrent -ThrottleLimit 2 -Ordered { if ($_ -eq 0) { $probe.Pass() } else { 1..100000 } } | Out-Null")]
    [InlineData(WaitKind.Task, "^The block", "0 | Invoke-Concurrent { $x = Wait-WithTimeout { $probe.Pass() } 100; $x }")]
    public async Task An_item_says_what_it_waits_for(WaitKind kind, string says, string script)
    {
        ScriptRun run = Start(script);

        // A strand that has just started to wait may not have noted it yet.
        ConcurrentItemInfo item = await FindAsync(item => item.WaitsFor?.Kind == kind && Regex.IsMatch(item.WaitsFor.ToString(), says));
        _session.Probe.Open();
        await run.StopAsync();

        Assert.Equal("Waiting", item.State);
        Assert.False(item.IsDeadlocked);
    }

    [Theory]
    [InlineData(WaitKind.QueueItem, "an item of Feeding", "$q = New-AsyncQueue -Name Feeding; Invoke-Concurrent -InputStream $q { $_ }")]
    [InlineData(WaitKind.Worker, "a worker: 1 are being opened", "0 | Invoke-Concurrent { $_ } -InitializationScript { $probe.Pass() }")]
    [InlineData(WaitKind.Pipeline, "the pipeline, to take what the items have written",
        "0 | Invoke-Concurrent { 1..100000 } | ForEach-Object { $probe.Hold() }")]
    [InlineData(WaitKind.Stream, "its input", "& { $probe.Hold() } | Invoke-Concurrent { $_ }")]
    public async Task A_call_says_what_it_waits_for(WaitKind kind, string says, string script)
    {
        ScriptRun run = Start(script);

        ConcurrentCallInfo? call = null;
        await Condition.UntilAsync(
            () => (call = Own().FirstOrDefault()) is { WaitsFor.Kind: var found } && found == kind,
            $"the call waits for {kind}",
            WaitLimit);
        _session.Probe.Open();
        await run.StopAsync();

        Assert.Equal(says, call!.WaitsFor!.ToString());
        Assert.Equal("Waiting", call.State);
    }

    [Fact]
    public async Task A_request_says_what_it_waits_for_and_shows_no_secret()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        int port = ((IPEndPoint)server.LocalEndpoint).Port;
        ScriptRun run = Start($"'http://127.0.0.1:{port}/path?key=secret' | Invoke-Concurrent -As Text");
        using TcpClient client = await server.AcceptTcpClientAsync(TestContext.Current.CancellationToken);

        ConcurrentItemInfo waiting = await FindAsync(static item => item.WaitsFor?.Description == "the response");
        byte[] start = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nstart"u8.ToArray();
        await client.GetStream().WriteAsync(start, TestContext.Current.CancellationToken);
        ConcurrentItemInfo reading = await FindAsync(static item => item.WaitsFor?.Description == "the rest of the response");
        await run.StopAsync();

        Assert.Equal($"GET http://127.0.0.1:{port}/path?...", waiting.Runs);
        Assert.Equal(WaitKind.Request, reading.WaitsFor!.Kind);
        Assert.Null(reading.Input);
    }

    [Fact]
    public async Task Another_command_that_waits_is_named()
    {
        // It takes the connection, and says nothing.
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        int port = ((IPEndPoint)server.LocalEndpoint).Port;
        ScriptRun run = Start($"0 | Invoke-Concurrent {{ $ws = Connect-AsyncWebSocket ws://127.0.0.1:{port}; $ws }}");

        ConcurrentItemInfo item = await FindAsync(static item => item.WaitsFor?.Kind == WaitKind.Command);
        await run.StopAsync();

        Assert.Equal("Connect-AsyncWebSocket", item.WaitsFor!.ToString());
    }

    [Fact]
    public async Task A_request_whose_server_does_not_accept_it_waits_for_a_connection()
    {
        // It takes the connection, but says nothing of TLS.
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        int port = ((IPEndPoint)server.LocalEndpoint).Port;
        ScriptRun run = Start($"'https://127.0.0.1:{port}/' | Invoke-Concurrent -As Text");

        ConcurrentItemInfo item = await FindAsync(static item => item.WaitsFor?.Description == "a connection to the server");
        await run.StopAsync();

        Assert.Equal(WaitKind.Request, item.WaitsFor!.Kind);
    }

    [Fact]
    public async Task A_request_whose_server_does_not_read_it_waits_to_be_sent()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        int port = ((IPEndPoint)server.LocalEndpoint).Port;
        _session.Set("body", new byte[64 * 1024 * 1024]);
        ScriptRun run = Start($"'http://127.0.0.1:{port}/' | Invoke-Concurrent -Method Post -Body $body -As Text");
        using TcpClient client = await server.AcceptTcpClientAsync(TestContext.Current.CancellationToken);

        await FindAsync(static item => item.WaitsFor?.Description == "the request to be sent");

        // All of it is read, and nothing answered.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task reading = client.GetStream().CopyToAsync(Stream.Null, stop.Token);
        await FindAsync(static item => item.WaitsFor?.Description == "the response");
        await run.StopAsync();
        await stop.CancelAsync();
        await reading.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_retry_says_until_when_it_waits()
    {
        ScriptRun run = Start("0 | Invoke-Concurrent -RetryCount 1 -RetryDelay 100 -NoJitter { throw 'x' }");

        ConcurrentItemInfo item = await FindAsync(static item => item.WaitsFor?.Until is not null);
        await run.StopAsync();

        Assert.InRange(item.WaitsFor!.Until!.Value, DateTime.Now.AddSeconds(20), DateTime.Now.AddSeconds(101));
    }

    [Fact]
    public async Task A_session_that_waits_outside_any_call_is_shown()
    {
        string name = $"Queue-{_mark}";
        ScriptRun run = _session.Start($"$q = New-AsyncQueue -Name {name}; Read-AsyncQueue $q");

        ConcurrentCallInfo? found = null;
        string says = $"an item of {name}";
        await Condition.UntilAsync(
            () => (found = CallInspector.Inspect().FirstOrDefault(call => call.WaitsFor?.Description == says)) is not null,
            "it waits",
            WaitLimit);
        await run.StopAsync();

        Assert.Equal(ConcurrentCallKind.Session, found!.Kind);
        Assert.Contains("Read-AsyncQueue $q", found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waits_in_a_circle_are_a_deadlock()
    {
        ScriptRun run = Start("""
            $a = New-Throttle 1; $b = New-Throttle 1; $all = [System.Threading.Barrier]::new(2)
            0..2 | Invoke-Concurrent -ThrottleLimit 3 {
                if ($_ -eq 0) { Use-Throttle $a { $all.SignalAndWait(); Use-Throttle $b { $_ } } }
                elseif ($_ -eq 1) { Use-Throttle $b { $all.SignalAndWait(); Use-Throttle $a { $_ } } }
                else { $probe.Pass() }
            }
            """);

        ConcurrentCallInfo call = null!;
        await Condition.UntilAsync(
            () => (call = Own().FirstOrDefault()!) is { IsDeadlocked: true, Items.Count: 3 }, "the deadlock is seen", WaitLimit);
        IReadOnlyList<ConcurrentTreeLine> tree = CallTree.Draw([call]);
        _session.Probe.Open();
        await run.StopAsync();

        Assert.Equal("Deadlocked", call.State);
        Assert.Equal([true, true, false], call.Items.Select(static item => item.IsDeadlocked));
        Assert.Equal([$"#{call.Id}[1]"], call.Items[0].WaitsFor!.HeldBy);
        Assert.Equal([$"#{call.Id}[0]"], call.Items[1].WaitsFor!.HeldBy);
        Assert.Equal(2, tree.Count(static line => line.IsDeadlocked));
    }

    [Fact]
    public async Task Who_waits_for_a_deadlock_is_in_none()
    {
        ScriptRun run = Start("""
            $a = New-Throttle 1; $b = New-Throttle 1; $all = [System.Threading.Barrier]::new(2)
            0 | Invoke-Concurrent {
                $x = 0..1 | Invoke-Concurrent -ThrottleLimit 2 {
                    if ($_ -eq 0) { Use-Throttle $a { $all.SignalAndWait(); Use-Throttle $b { $_ } } }
                    else { Use-Throttle $b { $all.SignalAndWait(); Use-Throttle $a { $_ } } }
                }
                $x
            }
            """);

        await Condition.UntilAsync(() => Own().Any(static call => call.IsDeadlocked), "the deadlock is seen", WaitLimit);
        ConcurrentCallInfo outer = Own().First();
        await run.StopAsync();

        Assert.False(Assert.Single(outer.Items).IsDeadlocked);
    }

    [Fact]
    public async Task A_permit_that_a_running_item_holds_is_no_deadlock()
    {
        ScriptRun run = Start("$t = New-Throttle 1; 0..1 | Invoke-Concurrent -ThrottleLimit 2 { Use-Throttle $t { $probe.Pass() } }");

        IReadOnlyList<ConcurrentItemInfo> items = [];
        await Condition.UntilAsync(
            () => (items = Own().FirstOrDefault()?.Items ?? []).Any(static item => item.WaitsFor?.HeldBy.Count == 1)
                && items.Any(static item => item.Stack.Count > 1),
            "one waits for the other",
            WaitLimit);
        _session.Probe.Open();
        await run.EndAsync();

        Assert.DoesNotContain(items, static item => item.IsDeadlocked);
        Assert.Contains(items, static item => item.State == "Running");
    }

    private ScriptRun Start(string script)
    {
        string marked = $"{script} # {_mark}".Replace("\n", $" # {_mark}\n", StringComparison.Ordinal);
        return _session.Start(marked);
    }

    private IEnumerable<ConcurrentCallInfo> Own()
        => CallInspector.Inspect().Where(call => call.Text.Contains(_mark, StringComparison.Ordinal) && call.Id > 0);

    private async Task<ConcurrentItemInfo> FindAsync(Func<ConcurrentItemInfo, bool> condition)
    {
        ConcurrentItemInfo? found = null;
        await Condition.UntilAsync(
            () => (found = Own().SelectMany(static call => call.Items).FirstOrDefault(condition)) is not null, "an item waits", WaitLimit);
        return found!;
    }
}
