using AsyncPs.Events;
using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Events;

public sealed class EventCommandTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly AsyncEventBus _bus = new(throttleLimit: 5);
    private readonly AsyncQueue _log = new();

    public EventCommandTests()
    {
        _session.Set("b", _bus);
        _session.Set("log", _log);
    }

    public void Dispose()
    {
        _bus.Dispose();
        _session.Dispose();
    }

    [Theory]
    [InlineData(
        "$null = Register-AsyncEvent $b 'a.*' { Write-AsyncQueue $log \"$($_.Topic)=$($_.Data)\" }; "
            + "Publish-AsyncEvent $b a.x 1 -Wait; Publish-AsyncEvent $b b.x 2 -Wait",
        "a.x=1")]
    [InlineData(
        "$null = Register-AsyncEvent $b a { Write-AsyncQueue $log $_.Data }; 1..20 | Publish-AsyncEvent $b a; "
            + "Unregister-AsyncEvent $b.Subscriptions[0] -Wait",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20")]
    [InlineData(
        "$x = 3; function f($n) { $n * $x }; $null = Register-AsyncEvent $b a { Write-AsyncQueue $log (f $_.Data) }; "
            + "Publish-AsyncEvent $b a 5 -Wait",
        "15")]
    [InlineData(
        "$null = Register-AsyncEvent $b a { Write-AsyncQueue $log $_.Data } -Filter { $_.Data -gt 2 }; "
            + "1..4 | Publish-AsyncEvent $b a -Wait; Write-AsyncQueue $log \"s$($b.Subscriptions[0].Skipped) "
            + "h$($b.Subscriptions[0].Handled)\"",
        "3 4 s2 h2")]
    [InlineData(
        "$null = Register-AsyncEvent $b a { Write-AsyncQueue $log $_.Data } -Once; 1..4 | Publish-AsyncEvent $b a -Wait; "
            + "Write-AsyncQueue $log \"n$($b.Subscriptions.Count)\"",
        "1 n0")]
    [InlineData(
        "$null = Register-AsyncEvent $b a { Write-AsyncQueue $log $_.Data } -Once -Filter { $_.Data -gt 2 }; "
            + "1..4 | Publish-AsyncEvent $b a -Wait; Write-AsyncQueue $log \"n$($b.Subscriptions.Count)\"",
        "3 n0")]
    [InlineData(
        "$null = Register-AsyncEvent $b a { [AsyncPs.Tests.Support.Tasks]::Later(1); Write-AsyncQueue $log $_.Data }; "
            + "Publish-AsyncEvent $b a 7 -Wait",
        "7")]
    [InlineData(
        "$s = Register-AsyncEvent $b a; 1..3 | Publish-AsyncEvent $b a; Unregister-AsyncEvent $s; "
            + "Read-AsyncStream $s | ForEach-Object { Write-AsyncQueue $log $_.Data }",
        "1 2 3")]
    [InlineData(
        "$s = Register-AsyncEvent $b a; 1..5 | Publish-AsyncEvent $b a; Unregister-AsyncEvent $s; "
            + "Group-AsyncBatch 2 -InputStream $s | ForEach-Object { Write-AsyncQueue $log $_.Count }",
        "2 2 1")]
    [InlineData(
        "$null = Register-AsyncEvent $b a { Publish-AsyncEvent $b b ($_.Data + 1) -Wait }; "
            + "$null = Register-AsyncEvent $b b { Write-AsyncQueue $log $_.Data }; Publish-AsyncEvent $b a 1 -Wait",
        "2")]
    [InlineData(
        "$s = Register-AsyncEvent $b a { }; Unregister-AsyncEvent $s; Unregister-AsyncEvent $s; Publish-AsyncEvent $b a -Wait; "
            + "Write-AsyncQueue $log $s.IsActive",
        "False")]
    public async Task Events_reach_who_has_subscribed(string script, string expected)
    {
        ScriptRun run = await _session.RunAsync(script);

        Assert.Empty(run.Errors);
        Assert.Empty(run.Streams.Warning);
        Assert.Equal(expected, string.Join(' ', _log.ReadAll()));
    }

    [Fact]
    public async Task A_handler_that_fails_stops_no_other_and_its_error_is_that_of_who_waits()
    {
        ScriptRun run = await _session.RunAsync("""
            $bad = Register-AsyncEvent $b a { throw "bad $($_.Data)" } -Name bad
            $null = Register-AsyncEvent $b a { Write-AsyncQueue $log $_.Data }
            1, 2 | Publish-AsyncEvent $b a -Wait
            3 | Publish-AsyncEvent $b a
            Unregister-AsyncEvent $bad -Wait
            $b.Subscriptions | Unregister-AsyncEvent -Wait
            "$($bad.Failed) $($bad.LastError)"
            """);

        Assert.Equal(["bad 1", "bad 2"], run.Errors.Select(static e => e.ToString()));
        Assert.Equal(["3 bad 3"], run.Output);
        Assert.Equal(3, _log.Count);
        Assert.Equal("The handler of 'bad' has failed 1 time; the last error was: bad 3", Assert.Single(run.Streams.Warning).Message);
    }

    [Fact]
    public async Task Handlers_run_at_once_under_the_limits()
    {
        ScriptRun run = _session.Start("""
            1..3 | ForEach-Object { $null = Register-AsyncEvent $b a { $probe.Pass() } -ThrottleLimit 4 }
            1..6 | Publish-AsyncEvent $b a
            $b.Subscriptions | Unregister-AsyncEvent -Wait
            """);
        await Condition.UntilAsync(() => _session.Probe.Running == 5, "as many run as may");
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Equal((18, 5), (_session.Probe.Ended, _session.Probe.Highest));
    }

    [Fact]
    public async Task A_slow_handler_keeps_no_other_waiting()
    {
        ScriptRun run = await _session.RunAsync("""
            $slow = Register-AsyncEvent $b a { $probe.Pass() } -Capacity 1 -FullMode DropOldest
            $null = Register-AsyncEvent $b a { Write-AsyncQueue $log $_.Data }
            Publish-AsyncEvent $b a 0
            """);
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the slow one runs");
        await _session.RunAsync("1..10 | Publish-AsyncEvent $b a");
        await Condition.UntilAsync(() => _log.Count == 11, "the other has all");

        EventSubscription slow = _bus.Subscriptions[0];
        Assert.Equal((1, 9), (slow.Waiting, slow.Dropped));
        _session.Probe.Open();
        await Condition.UntilAsync(() => slow.Handled == 2, "the last is handled");
        Assert.Empty(run.Errors);
    }

    [Theory]
    [InlineData("Unregister-AsyncEvent $b.Subscriptions[0] -Force -Wait")]
    [InlineData("$b.Dispose()")]
    public async Task What_is_forced_to_end_stops_and_who_waits_goes_on(string end)
    {
        using var other = new ModuleSession();
        other.Set("b", _bus);
        ScriptRun waiting = _session.Start(
            "$null = Register-AsyncEvent $b a { $probe.Enter(); try { while ($true) { } } finally { $probe.Exit() } }; "
                + "Publish-AsyncEvent $b a; Publish-AsyncEvent $b a -Wait; 'on'");
        await Condition.UntilAsync(() => _session.Probe.Running == 1 && _bus.Subscriptions[0].Waiting == 1, "one is handled, one waits");

        await other.RunAsync(end);
        await waiting.EndAsync();

        Assert.Equal(["on"], waiting.Output);
        Assert.Equal("EventNotHandled,AsyncPs.Commands.PublishAsyncEventCommand", Assert.Single(waiting.Errors).FullyQualifiedErrorId);
        await Condition.UntilAsync(() => _session.Probe.Ended == 1, "the handler has ended");
        Assert.Empty(_bus.Subscriptions);
    }

    [Theory]
    [InlineData("Unregister-AsyncEvent $full")]
    [InlineData("$b.Dispose()")]
    public async Task Who_waits_for_room_hears_that_there_will_be_none(string end)
    {
        using var other = new ModuleSession();
        other.Set("b", _bus);
        ScriptRun waiting = _session.Start("$global:full = Register-AsyncEvent $b a -Capacity 1; 1..2 | Publish-AsyncEvent $b a; 'on'");
        await Condition.UntilAsync(() => _bus.Subscriptions is [{ Waiting: 1 }], "there is no more room");
        other.Set("full", _bus.Subscriptions[0]);
        await other.RunAsync(end);
        await waiting.EndAsync();

        Assert.Equal(["on"], waiting.Output);
        Assert.Equal("EventNotHandled,AsyncPs.Commands.PublishAsyncEventCommand", Assert.Single(waiting.Errors).FullyQualifiedErrorId);
    }

    [Fact]
    public async Task A_full_subscription_keeps_no_other_from_an_event_that_is_published_with_a_timeout()
    {
        ScriptRun run = await _session.RunAsync("""
            $full = Register-AsyncEvent $b a -Capacity 1
            $healthy = Register-AsyncEvent $b a
            1..5 | Publish-AsyncEvent $b a -Timeout 20ms
            $full.Waiting; $healthy.Waiting; $healthy.Dropped
            """);

        Assert.Equal([1, 5, 0L], run.Output);
        Assert.Equal(4, run.Errors.Count(static e => e.FullyQualifiedErrorId.StartsWith("EventTimeout", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_handler_that_fails_after_its_subscription_was_ended_is_a_warning()
    {
        var host = new RecordingHost();
        using var session = new ModuleSession(host);
        session.Set("b", _bus);
        session.Set("probe", _session.Probe);
        ScriptRun run = await session.RunAsync(
            "$s = Register-AsyncEvent $b a { $probe.Pass(); throw 'late' }; 1..3 | Publish-AsyncEvent $b a; Unregister-AsyncEvent $s");
        Assert.Empty(host.All);
        _session.Probe.Open();
        await Condition.UntilAsync(() => host.All.Count > 0, "the warning is there");

        Assert.Contains("failed 3 times; the last error was: late", Assert.Single(host.All), StringComparison.Ordinal);
        Assert.Empty(run.Errors);
        run = await session.RunAsync("""
            $s = Register-AsyncEvent $b a { throw 'waited for' }
            1..3 | Publish-AsyncEvent $b a
            Unregister-AsyncEvent $s -Wait -WarningVariable w 3>$null
            "$w"
            """);
        Assert.Contains("failed 3 times", (string)Assert.Single(run.Output)!, StringComparison.Ordinal);
        Assert.Single(host.All);
    }

    [Fact]
    public async Task Stopping_who_waits_leaves_the_event_to_its_handler()
    {
        ScriptRun run = _session.Start("$null = Register-AsyncEvent $b a { $probe.Pass() }; Publish-AsyncEvent $b a -Wait");
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "it is being handled");

        await run.StopAsync();
        _session.Probe.Open();

        await Condition.UntilAsync(() => _bus.Subscriptions[0].Handled == 1, "it is handled");
        Assert.Empty(run.Errors);
    }

    [Theory]
    [InlineData("Publish-AsyncEvent $b 'a.*' 1", "TopicHasWildcards,AsyncPs.Commands.PublishAsyncEventCommand")]
    [InlineData("Register-AsyncEvent $b a -Filter { 1 }", "ParameterNeedsAnother,AsyncPs.Commands.RegisterAsyncEventCommand")]
    [InlineData("Register-AsyncEvent $b a { $using:none }", "UsingVariableNotSet,AsyncPs.Commands.RegisterAsyncEventCommand")]
    [InlineData("Read-AsyncStream (Register-AsyncEvent $b a { })", "SubscriptionHasHandler,AsyncPs.Commands.ReadAsyncStreamCommand")]
    [InlineData("$b.Dispose(); Publish-AsyncEvent $b a", "EventBusDisposed,AsyncPs.Commands.PublishAsyncEventCommand")]
    [InlineData("$b.Dispose(); Register-AsyncEvent $b a { }", "EventBusDisposed,AsyncPs.Commands.RegisterAsyncEventCommand")]
    [InlineData(
        "$null = Register-AsyncEvent $b a -Capacity 1; 1, 2 | Publish-AsyncEvent $b a -Timeout 10ms -ErrorAction Stop",
        "EventTimeout,AsyncPs.Commands.PublishAsyncEventCommand")]
    [InlineData(
        "$null = Register-AsyncEvent $b a { while ($true) { } }; Publish-AsyncEvent $b a -Wait -Timeout 20ms -ErrorAction Stop",
        "EventTimeout,AsyncPs.Commands.PublishAsyncEventCommand")]
    public async Task Errors_say_what_is_wrong(string script, string id)
        => Assert.Equal(id, (await _session.FailStatementAsync(script)).FullyQualifiedErrorId);

    [Fact]
    public async Task Handlers_on_workers_lose_and_double_nothing()
    {
        ScriptRun run = await _session.RunAsync("""
            $one = Register-AsyncEvent $b 'n.*' { Write-AsyncQueue $log $_.Data } -ThrottleLimit 3 -Capacity 20
            1..8 |
                Invoke-Concurrent -ThrottleLimit 8 -Variable @{ b = $b } {
                    $p = $_; foreach ($i in 1..100) { Publish-AsyncEvent $b "n.$p" "$p/$i" }
                }
            Unregister-AsyncEvent $one -Wait
            $one.Handled
            """);

        Assert.Empty(run.Errors);
        Assert.Equal([800L], run.Output);
        Assert.Equal(
            Enumerable.Range(1, 8).SelectMany(static p => Enumerable.Range(1, 100).Select(i => $"{p}/{i}")).Order(),
            _log.ReadAll().Select(static item => item!.ToString()).Order());
    }
}
