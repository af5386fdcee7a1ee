using System.Management.Automation;
using AsyncPs.Data;
using AsyncPs.Tests.Data.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>LISTEN and NOTIFY as a stream.</summary>
public sealed class NotificationTests(PostgreSqlServer server) : PostgreSqlTest(server)
{
    private const string Listener = "$global:listener = Connect-AsyncNotification $db orders\n";
    private const string Notify =
        "function Send($payload, $channel = 'orders') { $null = Invoke-ConcurrentQuery $db 'select pg_notify(@channel, "
            + "@payload)' -Parameter @{ channel = $channel; payload = $payload } }\n";

    [Fact]
    public async Task What_is_sent_comes_in_its_order_with_channel_payload_and_sender()
        => Assert.Equal("orders/a/True odd \"Name\"/b/True orders//True 3 0 False", await TextAsync(Db + Notify + """
            $listener = Connect-AsyncNotification $db orders, 'odd "Name"'
            Send a
            Send b 'odd "Name"'
            Send c 'Orders'
            $null = Invoke-ConcurrentQuery $db 'notify Orders'
            Read-AsyncStream $listener -Count 3 -Timeout 30 | ForEach-Object { "$($_.Channel)/$($_.Payload)/$($_.ProcessId -gt 0)" }
            $listener.Received; $listener.Count; $listener.IsClosed
            $listener.Dispose()
            """));

    [Fact]
    public async Task What_nobody_reads_stays_at_the_server_and_none_of_it_is_lost()
    {
        var listener = (NotificationListener)(await RunAsync(Db + Listener + "$listener"))[0].BaseObject;
        await RunAsync("$null = Invoke-ConcurrentQuery $db \"select count(pg_notify('orders', i::text)) from generate_series(1, 5000) i\"");
        await Condition.UntilAsync(() => listener.Count == 1000, "as many have come as may wait");

        Assert.InRange(listener.Received, 1000, 1001);
        Assert.Equal("5000 True", await TextAsync("""
            $n = 0; $inOrder = $true
            Read-AsyncStream $listener -Count 5000 -Timeout 30 | ForEach-Object { $inOrder = $inOrder -and [int] $_.Payload -eq ++$n }
            $n; $inOrder
            """));
    }

    [Fact]
    public async Task Blocks_run_for_notifications_and_the_end_of_the_listening_ends_the_call()
        => Assert.Equal("1 4 9 True 0", await TextAsync(Db + Listener + Notify + """
            1..3 | ForEach-Object { Send "$_" }
            Invoke-Concurrent {
                [int] $_.Payload * [int] $_.Payload; if ($_.Payload -eq '3') { $listener.Dispose() }
            } -InputStream $listener -ThrottleLimit 1
            $listener.IsClosed
            # The server takes a moment to see that a connection has been closed.
            for ($left = 1; $left -ne 0;) {
                $left = Invoke-ConcurrentQuery $db "select count(*) from pg_stat_activity where query like 'listen %'" -Scalar
            }
            $left
            """));

    [Fact]
    public async Task A_reader_that_is_stopped_or_late_takes_nothing_and_the_listening_goes_on()
    {
        await RunAsync(Db + Listener);
        ScriptRun run = Session.Start("$probe.Enter(); Read-AsyncStream $listener");
        await Condition.UntilAsync(() => Session.Probe.Running == 1, "it reads");
        await run.StopAsync();

        Assert.Equal(
            "StreamReadTimeout",
            Assert.Single(await ErrorsAsync("Read-AsyncStream $listener -Timeout 10ms")).FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("a", await TextAsync(Notify + "Send a; Read-AsyncStream $listener -Count 1 -Timeout 30 | ForEach-Object Payload"));
    }

    [Fact]
    public async Task A_server_that_is_killed_is_an_error_after_what_has_come_and_one_can_listen_again()
    {
        var listener = (NotificationListener)(await RunAsync(Db + Listener + Notify + "Send last; $listener"))[0].BaseObject;
        await Condition.UntilAsync(() => listener.Count == 1, "it has come");
        await Server.KillAsync();
        await Server.StartAsync();

        ScriptRun run = await Session.RunAsync(
            "try { Read-AsyncStream $listener | ForEach-Object Payload } catch { $_ }; $listener.IsClosed");
        Assert.Equal("last", run.Output[0]);
        var error = (ErrorRecord)run.Output[1]!;
        Assert.Equal("DatabaseUnavailable", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("Notifications are lost until", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(true, run.Output[2]);
        Assert.Equal("b", await TextAsync("""
            $listener = Connect-AsyncNotification $db orders -KeepAlive 1
            $null = Invoke-ConcurrentQuery $db "select pg_notify('orders', 'b')" -RetryCount 5 -RetryDelay 50ms
            Read-AsyncStream $listener -Count 1 -Timeout 30 | ForEach-Object Payload
            """));
    }

    [Fact]
    public async Task A_database_that_is_closed_ends_what_listens_to_it()
    {
        IReadOnlyList<PSObject> made = await RunAsync(Db + Listener + "$db; $listener");
        var listener = (NotificationListener)made[1].BaseObject;
        ScriptRun run = Session.Start("Read-AsyncStream $listener; 'ended'");

        await ((AsyncDatabase)made[0].BaseObject).DisposeAsync();
        await run.EndAsync();

        Assert.Equal(["ended"], run.Output);
        Assert.True(listener.IsClosed);
    }

    [Theory]
    [InlineData("Connect-AsyncNotification (Connect-AsyncDatabase -Sqlite :memory:) orders", "NotificationsNotSupported")]
    [InlineData("Use-AsyncResource $db -Transaction { Connect-AsyncNotification $_ orders }", "NotificationsNotSupported")]
    [InlineData("Connect-AsyncNotification 'db' orders", "NotADatabase")]
    [InlineData("Connect-AsyncNotification $db ('ä' * 32)", "DatabaseArgumentInvalid")]
    [InlineData("$db.Dispose(); Connect-AsyncNotification $db orders", "DatabaseClosed")]
    public async Task Bad_arguments_fail_before_anything_is_listened_to(string statement, string id)
        => Assert.Equal(id, (await Session.FailAsync(Db + $"try {{ {statement} }} catch {{ throw }}")).FullyQualifiedErrorId.Split(',')[0]);
}
