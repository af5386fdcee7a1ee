using System.Collections.Concurrent;
using System.Management.Automation;
using AsyncPs.Concurrency.Coroutines;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Coroutines;

/// <summary>Which blocks hold a worker, how suspended blocks end, and their state when they continue.</summary>
[Collection(nameof(SerialTests))]
public sealed class SuspensionTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TaskCompletionSource<object?> _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _log = new();

    private readonly string? _switch = Environment.GetEnvironmentVariable(CoroutinePlan.Switch);

    public SuspensionTests()
    {
        Environment.SetEnvironmentVariable(CoroutinePlan.Switch, null);
        _session.Set("gate", _gate.Task);
        _session.Set("log", _log);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(CoroutinePlan.Switch, _switch);
        _gate.TrySetResult(null);
        _session.Dispose();
    }

    [Theory]
    [InlineData("await $gate")]
    [InlineData("foreach ($i in 1..3) { try { $x = await $gate } finally { $i } }")]
    [InlineData("while (-not $gate.IsCompleted) { Start-Sleep -Milliseconds 20 }")]
    [InlineData("$x = \"a $(await $gate) b\"; Write-Output $x | ForEach-Object { $_ }")]
    public async Task Thousands_of_items_wait_on_a_few_workers(string wait)
    {
        ScriptRun run = _session.Start(
            $$"""
            1..2000 | Invoke-Concurrent -ThrottleLimit 2000 { $log.Enqueue([Environment]::CurrentManagedThreadId); {{wait}}; 'done' }
            """);

        await Condition.UntilAsync(() => _log.Count == 2000, "all have begun");
        Assert.InRange(_log.Distinct().Count(), 1, 200);
        _gate.SetResult(null);
        await run.EndAsync();
        Assert.Empty(run.Errors);
        Assert.Equal(2000, run.Output.Count(static o => o is "done"));
    }

    [Theory]
    [InlineData("New-AsyncQueue", "Read-AsyncQueue $thing -Count 1", "1..300 | Write-AsyncQueue $thing")]
    [InlineData("New-AsyncQueue", "$x = $thing | Read-AsyncQueue -Count 1 -Timeout 100; $x", "1..300 | Write-AsyncQueue $thing")]
    [InlineData("$q = New-AsyncQueue; 1 | Write-AsyncQueue $q; Complete-AsyncQueue $q; , $q", "Wait-AsyncQueue $thing; 'done'",
        "$null = Read-AsyncQueue $thing")]
    [InlineData("$q = New-AsyncQueue -Capacity 1; 0 | Write-AsyncQueue $q; , $q", "$_ | Write-AsyncQueue $thing; 'written'",
        "$null = Read-AsyncQueue $thing -Count 300")]
    [InlineData("New-AsyncCache", "Get-AsyncCache $thing 'key' { $gate.Wait(); 'value' }; 'done'", "")]
    [InlineData("Start-Throttled { await $gate; 'done' }", "$x = await $thing; 'done'", "")]
    [InlineData("1", "await $gate -Timeout 100; 'done'", "")]
    [InlineData("1", "Wait-WithTimeout $gate; 'done'", "")]
    [InlineData("1", "$x = Wait-WithTimeout $gate -Timeout 100 -AsResult; $x.Status", "")]
    [InlineData("1", "$x = Wait-WithTimeout $gate -Any; $x.Status", "")]
    [InlineData("1", "Invoke-WithRetry { if (-not $gate.IsCompleted) { throw 'again' }; 'done' } -RetryCount 1000 -RetryDelay 1s", "")]
    [InlineData("1", "0 | Invoke-Concurrent { , $gate }; 'done'", "")]
    [InlineData("1", "0 | icc { , $gate }; 'done'", "")]
    [InlineData("1", "wwt $gate; 'done'", "")]
    [InlineData("1", "if (-not $gate) { sath { await $gate } }; await $gate; 'done'", "")]
    public async Task Whatever_a_block_waits_for_it_holds_no_worker(string thing, string wait, string end)
    {
        object? waitedFor = (await _session.RunAsync(thing)).Output[0];
        _session.Set("thing", waitedFor);
        ScriptRun run = _session.Start(
            $$"""
            1..300 | Invoke-Concurrent -ThrottleLimit 300 { $log.Enqueue([Environment]::CurrentManagedThreadId); {{wait}} }
            """);

        await Condition.UntilAsync(() => _log.Count == 300, "all have begun");
        Assert.InRange(_log.Distinct().Count(), 1, 100);
        using ModuleSession other = new();
        other.Set("thing", waitedFor);
        _gate.SetResult(null);
        await other.RunAsync(end);
        await run.EndAsync();
        Assert.Empty(run.Errors);
        Assert.True(run.Output.Count >= 300);
    }

    [Fact]
    public async Task Workers_do_not_come_while_the_block_is_compiled()
    {
        using SemaphoreSlim all = new(0);
        _session.Set("all", all);
        ScriptRun idle = _session.Start("1..50 | Invoke-Concurrent -ThrottleLimit 50 { $log.Enqueue(1); $all.Wait() }");
        await Condition.UntilAsync(() => _log.Count == 50, "there are many workers");
        all.Release(50);
        await idle.EndAsync();
        _log.Clear();
        string many = string.Concat(Enumerable.Range(1, 150).Select(static i => $"if ($_ -eq -{i}) {{ await {i} }}; "));

        ScriptRun run = _session.Start(
            $$"""
            1..200 | Invoke-Concurrent -ThrottleLimit 200 { $log.Enqueue([Environment]::CurrentManagedThreadId); {{many}}await $gate }
            """);

        await Condition.UntilAsync(() => _log.Count == 200, "all have begun");
        Assert.InRange(_log.Distinct().Count(), 1, 25);
        _gate.SetResult(null);
        await run.EndAsync();
        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task Jobs_and_handlers_wait_on_a_few_workers_too()
    {
        ScriptRun run = _session.Start(
            """
            $jobs = 1..1000 | Start-Throttled -ThrottleLimit 1000 { $log.Enqueue([Environment]::CurrentManagedThreadId); await $gate; $_ }
            $jobs | Receive-Job -Wait -AutoRemoveJob
            """);

        await Condition.UntilAsync(() => _log.Count == 1000, "all have begun");
        Assert.InRange(_log.Distinct().Count(), 1, 200);
        _gate.SetResult(null);
        await run.EndAsync();
        Assert.Equal(Enumerable.Range(1, 1000), run.Output.Cast<int>().Order());
    }

    [Theory]
    [InlineData("off", "await $gate")]
    [InlineData(null, "await $gate; [IO.File]::ReadAllText($file)")]
    [InlineData(null, "await $gate; & { Start-Sleep -Milliseconds 1 }")]
    public async Task A_block_that_may_keep_others_waiting_has_its_worker_to_itself(string? coroutines, string block)
    {
        using TempFolder folder = new();
        string file = Path.Combine(folder.Path, "text");
        await File.WriteAllTextAsync(file, "text", TestContext.Current.CancellationToken);
        _session.Set("file", file);
        Environment.SetEnvironmentVariable(CoroutinePlan.Switch, coroutines);
        try
        {
            ScriptRun run = _session.Start(
                $$"""1..6 | Invoke-Concurrent -ThrottleLimit 6 { $log.Enqueue([Environment]::CurrentManagedThreadId); {{block}} }""");

            await Condition.UntilAsync(() => _log.Count == 6, "all have begun");
            Assert.Equal(6, _log.Distinct().Count());
            _gate.SetResult(null);
            await run.EndAsync();
            Assert.Empty(run.Errors);
        }
        finally
        {
            Environment.SetEnvironmentVariable(CoroutinePlan.Switch, null);
        }
    }

    [Theory]
    [InlineData("1..3 | ForEach-Object { await $gate }", "'await' is in another script block, a function or a trap")]
    [InlineData("function F { Start-Sleep 1 }; F", "'Start-Sleep' is in another script block, a function or a trap")]
    [InlineData("Wait-Here", "the function 'Wait-Here' waits")]
    [InlineData("await -Task $gate -OutVariable out",
        "'await' is not alone in its pipeline, or has parameters that an await point cannot have")]
    [InlineData("$p = @{ Task = $gate }; await @p",
        "'await' is not alone in its pipeline, or has parameters that an await point cannot have")]
    [InlineData("await $gate; Read-AsyncQueue $queue -TryOnly | Out-Null",
        "'Read-AsyncQueue' is not alone in its pipeline, or has parameters that an await point cannot have")]
    [InlineData("await $gate; $gate.Wait()", "'Wait' may wait, or take a lock, and is no await point")]
    [InlineData("await $gate; [Threading.Monitor]::Enter($log)", "'Enter' may wait, or take a lock, and is no await point")]
    [InlineData("await $gate; if ($false) { Invoke-WithRetry { } -HedgeDelay 1s }",
        "'Invoke-WithRetry' is not alone in its pipeline, or has parameters that an await point cannot have")]
    [InlineData(@"await $gate; Microsoft.PowerShell.Utility\Start-Sleep 1",
        @"'Microsoft.PowerShell.Utility\Start-Sleep' waits, and is no await point")]
    [InlineData(@"await $gate; if ($false) { Microsoft.PowerShell.Core\Wait-Job 1 }",
        @"'Microsoft.PowerShell.Core\Wait-Job' waits, and is no await point")]
    [InlineData(@"await $gate; if ($false) { AsyncPs\wwt 1 }", @"'AsyncPs\wwt' waits, and is no await point")]
    [InlineData("$c = 'Get-Date'; await $gate; & $c", "it runs a command that is only known when it runs")]
    public async Task It_says_why_a_block_does_not_suspend(string block, string why)
    {
        _gate.SetResult(1);
        ScriptRun run = await _session.RunAsync(
            $$"""
            function Wait-Here { Start-Sleep -Milliseconds 1 }
            $queue = New-AsyncQueue
            1 | Invoke-Concurrent -Verbose {
                {{block.Replace(" -TryOnly", " -Timeout 0", StringComparison.Ordinal)}}
                if ($false) { await $gate }
            }
            """);

        string message = Assert.Single(run.Streams.Verbose.Select(static record => record.Message), static m
            => m.StartsWith("A block waits", StringComparison.Ordinal));
        Assert.Contains(why, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"Waiting\Wait-Here")]
    [InlineData("waits")]
    public async Task A_function_that_waits_is_known_by_its_qualified_name(string call)
    {
        using TempFolder folder = new();
        string module = Path.Combine(folder.Path, "Waiting.psm1");
        await File.WriteAllTextAsync(
            module, "function Wait-Here { Start-Sleep -Milliseconds 1 }", TestContext.Current.CancellationToken);
        _session.Set("module", module);
        _gate.SetResult(1);

        ScriptRun run = await _session.RunAsync($$"""
            Import-Module $module
            Set-Alias waits Waiting\Wait-Here
            1 | Invoke-Concurrent -Verbose { await $gate; {{call}} }
            """);

        Assert.Contains(run.Streams.Verbose, static record => record.Message.EndsWith(
            @"the function 'Waiting\Wait-Here' waits.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1..4 | Invoke-Concurrent -ItemTimeout 4s -ThrottleLimit 4 { BODY }", 4)]
    [InlineData("1..8 | Invoke-Concurrent -Timeout 5s -ThrottleLimit 8 { BODY }", 8)]
    [InlineData("1..4 | Invoke-Concurrent -FailFast -ThrottleLimit 5 { if ($_ -eq 4) { WAIT; throw 'failed' }; BODY }", 3)]
    [InlineData("1..4 | Invoke-Concurrent -ThrottleLimit 4 { if ($_ -eq 4) { WAIT; 'enough' }; BODY } | Select-Object -First 1", 4)]
    [InlineData("$j = 1..4 | Start-Throttled -ThrottleLimit 4 { BODY }; ALL; $j | Stop-Job; $j | Remove-Job", 4)]
    [InlineData("1..4 | Invoke-Concurrent -ItemTimeout 4s -ThrottleLimit 4 { BODY }", 4, "Read-AsyncQueue $queue -Count 1")]
    [InlineData("1..8 | Invoke-Concurrent -Timeout 5s -ThrottleLimit 8 { BODY }", 8, "Read-AsyncStream $queue -Count 1")]
    [InlineData("1..4 | Invoke-Concurrent -FailFast -ThrottleLimit 5 { if ($_ -eq 4) { WAIT; throw 'failed' }; BODY }", 3,
        "$x = await $gate -Timeout 100")]
    [InlineData("$j = 1..4 | Start-Throttled -ThrottleLimit 4 { BODY }; ALL; $j | Stop-Job; $j | Remove-Job", 4,
        "0 | Invoke-Concurrent { $null = Read-AsyncQueue $queue }")]
    [InlineData("1..4 | Invoke-Concurrent -ItemTimeout 4s -ThrottleLimit 4 { BODY }", 4, "Wait-WithTimeout $gate")]
    [InlineData("1..8 | Invoke-Concurrent -Timeout 5s -ThrottleLimit 8 { BODY }", 8, "Invoke-WithRetry { throw 1 } -RetryDelay 100s")]
    public async Task A_block_that_is_stopped_while_it_waits_runs_its_finally_and_nothing_else(
        string script, int items, string wait = "await $gate")
    {
        const string Template = """
            try { $log.Enqueue("begin $_"); AWAIT; $log.Enqueue("no $_") }
            catch { $log.Enqueue("no $_") }
            finally { $log.Enqueue("end $_") }
            $log.Enqueue("no $_")
            """;
        string body = Template.Replace("AWAIT", wait, StringComparison.Ordinal);
        await _session.RunAsync("$global:queue = New-AsyncQueue");
        try
        {
            await _session.RunAsync(script.Replace("BODY", body, StringComparison.Ordinal)
                .Replace("WAIT", "while ($log.Count -lt 3) { Start-Sleep -Milliseconds 10 }", StringComparison.Ordinal)
                .Replace("ALL", "while ($log.Count -lt 4) { Start-Sleep -Milliseconds 10 }", StringComparison.Ordinal));
        }
        catch (RuntimeException)
        {
            // As -Timeout and -FailFast end.
        }

        await Condition.UntilAsync(() => _log.Count(static l => l.StartsWith("end", StringComparison.Ordinal)) >= items,
            "all have cleaned up");
        Assert.Equal(items, _log.Count(static l => l.StartsWith("begin", StringComparison.Ordinal)));
        Assert.Equal(items * 2, _log.Count);

        // Nothing that was cancelled still waits for an item.
        Assert.Equal("1", await _session.TextAsync("1 | Write-AsyncQueue $queue; Read-AsyncQueue $queue -Count 1 -Timeout 10"));
    }

    [Fact]
    public async Task Ctrl_C_ends_blocks_wherever_they_are()
    {
        for (int i = 0; i < Stress.Times(10); i++)
        {
            _log.Clear();
            ScriptRun run = _session.Start(
                """
                1..200 | Invoke-Concurrent -ThrottleLimit 50 {
                    try {
                        $log.Enqueue('begin')
                        foreach ($i in 1..5) { Start-Sleep -Milliseconds 2; await ([Threading.Tasks.Task]::Delay(1)) }
                    }
                    finally { $log.Enqueue('end') }
                }
                """);
            int enough = i * 10;
            await Condition.UntilAsync(() => _log.Count > enough || run.HasEnded, "some have begun");
            await run.StopAsync();

            Assert.Equal(_log.Count(static l => l == "begin"), _log.Count(static l => l == "end"));
        }

        Assert.Equal("1 2 3", await _session.TextAsync("1..3 | Invoke-Concurrent -Ordered { Start-Sleep -Milliseconds 1; $_ }"));
    }

    [Fact]
    public async Task Stopping_a_call_leaves_the_items_of_others_alone_that_its_workers_run_by_then()
    {
        ScriptRun run = await _session.RunAsync(
            """
            1..150 | Invoke-Concurrent -ThrottleLimit 50 {
                $all = @(Read-AsyncStream (New-AsyncStream { 1; Start-Sleep -Milliseconds 5; 2; Start-Sleep -Milliseconds 5; 3 }))
                Read-AsyncStream (New-AsyncStream { Start-Sleep -Seconds 100 }) -Timeout 1ms -ErrorAction SilentlyContinue
                "$all"
            }
            """);

        Assert.Equal(150, run.Output.Count);
        Assert.All(run.Output, static text => Assert.Equal("1 2 3", text));
    }

    [Fact]
    public async Task A_finally_that_hangs_is_ended_when_its_time_is_over()
    {
        ScriptRun run = await _session.RunAsync(
            """
            1 | Invoke-Concurrent -ItemTimeout 3s {
                try { await $gate } finally { $log.Enqueue('begin'); $hangs = $true; while ($hangs) { }; $log.Enqueue('no') }
            }
            """);

        Assert.Single(run.Errors);
        Assert.Equal(["begin"], _log);
    }

    [Fact]
    public async Task An_item_that_hangs_takes_none_of_those_along_that_wait_in_its_worker()
    {
        ScriptRun run = await _session.RunAsync(
            """
            1..6 | Invoke-Concurrent -ThrottleLimit 6 -ItemTimeout 6s {
                Start-Sleep -Milliseconds 50
                if ($_ -eq 2) { while ($true) { } }
                Start-Sleep -Milliseconds 200
                $_
            }
            """);

        Assert.Equal("ItemTimedOut,AsyncPs.Commands.InvokeConcurrentCommand", Assert.Single(run.Errors).FullyQualifiedErrorId);
        Assert.Equal([1, 3, 4, 5, 6], run.Output.Cast<int>().Order());
    }

    [Fact]
    public async Task What_an_item_sees_is_its_own_after_an_await()
    {
        string text = await _session.TextAsync(
            """
            1..40 | Invoke-Concurrent -ThrottleLimit 40 -Ordered {
                $global:mine = $_
                $global:LASTEXITCODE = $_
                [cultureinfo]::CurrentCulture = ('de-DE', 'en-US')[$_ % 2]
                Set-Location ('/', ([IO.Path]::GetTempPath()))[$_ % 2]
                $place = "$PWD"
                "x$_" -match '(\d+)' | Out-Null
                foreach ($i in 1..3) { Start-Sleep -Milliseconds $i }
                $same = $global:mine -eq $_ -and $LASTEXITCODE -eq $_ -and "$PWD" -eq $place -and $Matches[1] -eq "$_" -and
                    [cultureinfo]::CurrentCulture.Name -eq ('de-DE', 'en-US')[$_ % 2]
                if (-not $same) { "$_ sees $mine $LASTEXITCODE $PWD $($Matches[1]) $([cultureinfo]::CurrentCulture)" }
            }
            'ok'
            """);

        Assert.Equal("ok", text);
    }

    [Theory]
    [InlineData("function Start-Sleep { \"mine $args\" }")]
    [InlineData("function Get-Nap { \"mine $args\" }; Set-Alias Start-Sleep Get-Nap")]
    public async Task What_has_the_name_of_an_await_wins(string definition)
        => Assert.Equal("mine 5 mine 5", await _session.TextAsync($"{definition}; 1..2 | Invoke-Concurrent {{ Start-Sleep 5 }}"));

    [Fact]
    public async Task A_retry_is_another_run_of_the_block()
    {
        string text = await _session.TextAsync(
            """
            1..20 | Invoke-Concurrent -ThrottleLimit 20 -Ordered -RetryCount 3 -RetryDelay 1ms {
                $seen += 1
                Start-Sleep -Milliseconds 2
                if ($AsyncContext.Attempt -lt 3) { throw 'again' }
                "$_$seen$($AsyncContext.Attempt)"
            }
            """);

        Assert.Equal(string.Join(' ', Enumerable.Range(1, 20).Select(static i => $"{i}13")), text);
    }

    [Fact]
    public async Task A_suspended_item_counts_for_the_limit()
    {
        ScriptRun run = _session.Start("1..20 | Invoke-Concurrent -ThrottleLimit 3 { $log.Enqueue($_); $null = await $gate; $_ }");

        await Condition.UntilAsync(() => _log.Count == 3, "the limit is reached");
        string text = await TextOfAnotherAsync("1..3 | Invoke-Concurrent -Ordered { Start-Sleep -Milliseconds 1; $_ }");
        Assert.Equal("1 2 3", text);
        Assert.Equal(3, _log.Count);
        _gate.SetResult(null);
        await run.EndAsync();
        Assert.Equal(20, run.Output.Count);
    }

    [Fact]
    public async Task An_unusual_engine_has_blocks_wait_in_their_workers()
    {
        Environment.SetEnvironmentVariable(CoroutinePlan.Switch, "off");
        try
        {
            Assert.Equal("1 2 3", await _session.TextAsync("1..3 | Invoke-Concurrent -Ordered { Start-Sleep -Milliseconds 1; await $_ }"));
        }
        finally
        {
            Environment.SetEnvironmentVariable(CoroutinePlan.Switch, null);
        }
    }

    private static async Task<string> TextOfAnotherAsync(string script)
    {
        using ModuleSession other = new();
        return await other.TextAsync(script);
    }
}
