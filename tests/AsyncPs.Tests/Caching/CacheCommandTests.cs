using System.Management.Automation;
using AsyncPs.Caching;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Caching;

public sealed class CacheCommandTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly AsyncCache _cache = new(new CacheOptions());

    public CacheCommandTests() => _session.Set("c", _cache);

    public void Dispose()
    {
        _session.Dispose();
        _cache.Dispose();
    }

    [Theory]
    [InlineData("Get-AsyncCache $c 'k' { 42 }; Get-AsyncCache $c 'k' { 43 }; $c.Computed", "42 42 1")]
    [InlineData("Get-AsyncCache $c 'k'; $c.Misses", "0")]
    [InlineData("Get-AsyncCache $c 'k' { }; Get-AsyncCache $c 'k' { 1 }; $c.Count", "1")]
    [InlineData("Get-AsyncCache $c 'k' { 1; 2 } | ForEach-Object { $_ }; @(Get-AsyncCache $c 'k').Count", "1 2 2")]
    [InlineData("(Get-AsyncCache $c 'k' { , (1, 2) }).Count; Get-AsyncCache $c 'k' | ForEach-Object { $_.Count }", "2 2")]
    [InlineData("Get-AsyncCache $c 'k' { $null } | ForEach-Object { \"[$_]\" }", "[]")]
    [InlineData("$x = 7; Get-AsyncCache $c 'k' { $x * 2 }", "14")]
    [InlineData("$x = 7; Get-AsyncCache $c 'k' { $using:x * 2 }", "14")]
    [InlineData("function double($n) { 2 * $n }; Get-AsyncCache $c 'k' { double 4 }", "8")]
    [InlineData("1, 2, 1 | ForEach-Object { Get-AsyncCache $c \"k$_\" { \"$_ $($args[0])\" } }", "1 k1 2 k2 1 k1")]
    [InlineData("'a', 'b', 'a' | Get-AsyncCache $c -ScriptBlock { param($key) \"$_$key\" }; $c.Computed", "aa bb aa 2")]
    [InlineData("Get-AsyncCache $c 'k' { [AsyncPs.Tests.Support.Tasks]::Later(5) }", "5")]
    [InlineData(
        "$t = Get-AsyncCache $c 'k' { 5 } -AsTask; $t -is [Threading.Tasks.Task]; $t.Result; Get-AsyncCache $c 'k' -AsTask", "True 5 5")]
    [InlineData(
        "foreach ($i in 1..3) { try { Get-AsyncCache $c 'k' { throw 'no' } } catch { \"$_\" } }; $c.Count; $c.Failures", "no no no 0 3")]
    [InlineData("Get-AsyncCache $c 'k' { 1 }; Remove-AsyncCache $c 'k'; Get-AsyncCache $c 'k' { 2 }; Remove-AsyncCache $c 'none'", "1 2")]
    [InlineData("1..3 | ForEach-Object { $null = Get-AsyncCache $c $_ { 1 } }; 1, 2 | Remove-AsyncCache $c; $c.Keys", "3")]
    [InlineData("1..3 | ForEach-Object { $null = Get-AsyncCache $c $_ { 1 } }; Remove-AsyncCache $c -All; $c.Count", "0")]
    [InlineData("Get-AsyncCache $c ('a', 1) { 'x' }; Get-AsyncCache $c ('a', 1); Get-AsyncCache $c ('a', 2)", "x x")]
    [InlineData("$null = Get-AsyncCache $c 'k' { 1 } -OutVariable o; $o", "1")]
    [InlineData(
        "$a = $c; Get-AsyncCache $c 'k' { try { $v = Get-AsyncCache $a 'k' { 1 } } catch { $_.FullyQualifiedErrorId } }",
        "CacheWaitsForItself,AsyncPs.Commands.GetAsyncCacheCommand")]
    [InlineData("$a = $c; Get-AsyncCache $c 'outer' { 'got ' + (Get-AsyncCache $a 'inner' { 3 }) }", "got 3")]
    [InlineData(
        "$a = $c; try { Get-AsyncCache $c 'k' { Get-AsyncCache $a 'k' { 1 } } } catch { $_.FullyQualifiedErrorId }; $c.Count",
        "CacheWaitsForItself,AsyncPs.Commands.GetAsyncCacheCommand 0")]
    [InlineData(
        "$a = $c; try { Get-AsyncCache $c o { Get-AsyncCache $a i { throw 'no' } } } catch { \"$_\" }; $c.Count; $c.Failures",
        "no 0 2")]
    [InlineData(
        "$e = [IO.IOException]::new(); try { Get-AsyncCache $c k { [Threading.Tasks.Task]::FromException($e) } } catch { 'io' }; $c.Count",
        "io 0")]
    public async Task Values_are_computed_once_and_kept(string script, string expected)
        => Assert.Equal(expected, await _session.TextAsync(script));

    [Theory]
    [InlineData("New-AsyncCache -StaleWhileRevalidate 1m", "ParameterNeedsAnother,AsyncPs.Commands.NewAsyncCacheCommand")]
    [InlineData("New-AsyncCache 0", "ParameterArgumentTransformationError,AsyncPs.Commands.NewAsyncCacheCommand")]
    [InlineData("New-AsyncCache -MaxCount 0", "ParameterArgumentValidationError,AsyncPs.Commands.NewAsyncCacheCommand")]
    [InlineData("Get-AsyncCache $c $null { 1 }", "ParameterArgumentValidationErrorNullNotAllowed,AsyncPs.Commands.GetAsyncCacheCommand")]
    [InlineData("Get-AsyncCache $c 'k' { $using:none }", "UsingVariableNotSet,AsyncPs.Commands.GetAsyncCacheCommand")]
    [InlineData(
        "$ErrorActionPreference = 'Stop'; Get-AsyncCache $c 'k' { [IO.File]::ReadAllText('/none/such') }",
        "DirectoryNotFoundException,AsyncPs.Commands.GetAsyncCacheCommand")]
    [InlineData("$c.Dispose(); Get-AsyncCache $c 'k' { 1 }", "CacheDisposed,AsyncPs.Commands.GetAsyncCacheCommand")]
    public async Task Errors_say_what_is_wrong(string script, string id)
        => Assert.Equal(id, (await _session.FailStatementAsync(script)).FullyQualifiedErrorId);

    [Fact]
    public async Task A_cache_is_what_was_asked_for()
    {
        ScriptRun run = await _session.RunAsync(
            "New-AsyncCache 5m -SlidingExpiration 1m -MaxCount 7 -StaleWhileRevalidate 30; New-AsyncCache");
        AsyncCache cache = Assert.IsType<AsyncCache>(run.Output[0]);
        Assert.Equal(
            (TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1), 7, TimeSpan.FromSeconds(30)),
            (cache.TimeToLive, cache.SlidingExpiration, cache.MaxCount, cache.StaleWhileRevalidate));
        cache = Assert.IsType<AsyncCache>(run.Output[1]);
        Assert.Equal(
            (null, null, 10_000, TimeSpan.Zero), (cache.TimeToLive, cache.SlidingExpiration, cache.MaxCount, cache.StaleWhileRevalidate));
    }

    [Fact]
    public async Task Records_of_the_computation_reach_who_has_started_it()
    {
        ScriptRun run = await _session.RunAsync("""
            Get-AsyncCache $c 'k' {
                & { [CmdletBinding()] param() $PSCmdlet.WriteWarning('careful') }
                [int] 'x'
                'value'
            } -ErrorVariable e
            $e.Count
            """);

        Assert.Equal(["value", 1], run.Output);
        Assert.Equal("careful", Assert.Single(run.Streams.Warning).Message);
        Assert.Single(run.Errors);
        Assert.Equal(0, _cache.Count);
    }

    [Fact]
    public async Task A_thousand_items_wait_for_one_value_on_one_worker()
    {
        ScriptRun run = _session.Start("""
            1..1000 | Invoke-Concurrent -ThrottleLimit 1000 -ArgumentList $c, $probe {
                param($c, $probe)
                Get-AsyncCache $c 'k' { $probe.Pass(); 42 }
            }
            """);
        await Condition.UntilAsync(() => _cache.Waiting == 1000, "all items wait");

        await Condition.UntilAsync(() => _session.Probe.Running > 0, "one computes");

        // One reader computes. The blocks need few workers, because none of them waits.
        Assert.Equal(1, _session.Probe.Running);
        Assert.InRange(
            Counters.WorkerRunspaces.Count(
                static r => r.RunspaceAvailability == System.Management.Automation.Runspaces.RunspaceAvailability.Busy),
            1,
            100);
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Empty(run.Errors);
        Assert.Equal(Enumerable.Repeat<object?>(42, 1000), run.Output);
        Assert.Equal((1, 1), (_session.Probe.Ended, _cache.Computed));
    }

    [Theory]
    [InlineData("Get-AsyncCache $c 'k' { throw 'no' }", "no:1")]
    [InlineData("try { Get-AsyncCache $c 'k' { throw 'no' } } catch { 'caught' }", "caught")]
    [InlineData("$v = Get-AsyncCache $c 'k' { 5 }; \"[$v]\"", "[5]")]
    [InlineData("Get-AsyncCache $c 'k' { 5 } | ForEach-Object { \"[$_]\" }", "[5]")]
    [InlineData("\"[$(Get-AsyncCache $c 'k' { 5 })]\"", "[5]")]
    [InlineData("'before'; Get-AsyncCache $c 'k' { 5; 6 }", "before 5 6")]
    [InlineData("Get-AsyncCache $c 'k' { 5 }; 'after'", "5 after")]
    [InlineData("Get-AsyncCache $c 'k' { & { [CmdletBinding()] param() $PSCmdlet.WriteWarning('w') }; 5 }", "5 w")]
    [InlineData("function f { try { Get-AsyncCache $c 'k' { throw 'no' } } catch { 'caught' } }; f", "caught")]
    public async Task In_a_block_it_means_the_same_wherever_it_stands(string body, string expected)
    {
        ScriptRun run = await _session.RunAsync(
            $"1 | Invoke-Concurrent {{ {body} }} -Variable @{{ c = $c }} 3>&1 -ErrorVariable e -ErrorAction SilentlyContinue; "
                + $"foreach ($x in $e) {{ \"$x`:$($x.TargetObject)\" }}");

        Assert.Equal(expected, string.Join(' ', run.Output.OrderBy(static o => o is WarningRecord)));
    }

    [Fact]
    public async Task Stopping_the_only_reader_stops_the_computation()
    {
        ScriptRun run = _session.Start("Get-AsyncCache $c 'k' { $probe.Enter(); try { while ($true) { } } finally { $probe.Exit() } }");
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the block runs");

        await run.StopAsync();

        await Condition.UntilAsync(() => _session.Probe.Ended == 1, "the computation has ended");
        Assert.Equal((0, 0, 0), (_cache.Computing, _cache.Waiting, _cache.Failures));
        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task Stopping_one_of_two_readers_leaves_the_computation_to_the_other()
    {
        using var other = new ModuleSession();
        other.Set("c", _cache);
        ScriptRun first = _session.Start("Get-AsyncCache $c 'k' { $probe.Pass(); 'value' }");
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the block runs");
        ScriptRun second = other.Start("Get-AsyncCache $c 'k' { 'another' }");
        await Condition.UntilAsync(() => _cache.Waiting == 2, "both wait");

        await first.StopAsync();
        _session.Probe.Open();
        await second.EndAsync();

        Assert.Equal(["value"], second.Output);
    }

    [Theory]
    [InlineData("-ItemTimeout 50ms", false)]
    [InlineData("", true)]
    public async Task Items_that_wait_without_a_worker_end_when_they_are_told_to(string option, bool stop)
    {
        ScriptRun run = _session.Start($$"""
            1..20 | Invoke-Concurrent -ThrottleLimit 20 -Variable @{ c = $c; probe = $probe } {{option}} {
                Get-AsyncCache $c 'k' { $probe.Enter(); try { while ($true) { } } finally { $probe.Exit() } }
            }
            """);
        if (stop)
        {
            await Condition.UntilAsync(() => _cache.Waiting == 20, "all items wait");
            await run.StopAsync();
        }
        else
        {
            await run.EndAsync();
            Assert.Equal(20, run.Errors.Count);
        }

        await Condition.UntilAsync(() => _cache is { Waiting: 0, Computing: 0 }, "there is no waiter and no computation");
        await Condition.UntilAsync(() => _session.Probe.Running == 0, "the computation has ended");
    }

    [Fact]
    public async Task A_stale_value_is_written_at_once_and_computed_anew_behind()
    {
        ScriptRun run = await _session.RunAsync("""
            $s = New-AsyncCache -TimeToLive 1ms -StaleWhileRevalidate 1h
            Get-AsyncCache $s 'k' { 1 }
            while ($s.Computed -lt 2) { $null = Get-AsyncCache $s 'k' { 2 } }
            Get-AsyncCache $s 'k' { 3 }
            """);

        Assert.Equal(1, run.Output[0]);
        Assert.NotEqual(1, run.Output[1]);
    }
}
