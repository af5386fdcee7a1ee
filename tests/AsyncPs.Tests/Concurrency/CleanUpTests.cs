using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using AsyncPs.Throttling;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>A stop leaves nothing behind, and clean-up runs to its end.</summary>
public sealed class CleanUpTests : IDisposable
{
    private readonly RecordingHost _host = new();
    private readonly ModuleSession _session;

    public CleanUpTests() => _session = new ModuleSession(_host);

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task A_stopped_call_gives_back_the_permits_of_items_that_were_just_to_be_resumed()
    {
        using var throttle = new Throttle(limit: 2);
        _session.Set("throttle", throttle);
        for (int i = 0; i < Stress.Times(150); i++)
        {
            await _session.RunAsync($$"""
                1..20 | Invoke-Concurrent {
                    [Threading.Thread]::Sleep(2); $_; [Threading.Thread]::Sleep(1)
                } -Throttle $throttle -ThrottleLimit 20 | Select-Object -First {{1 + (i % 5)}}
                """);
            await Condition.UntilAsync(() => throttle.Available == 2, $"both permits are back after call {i}");
        }
    }

    [Theory]
    [InlineData("$null = Read-AsyncStream (New-AsyncStream {BLOCK}) -Count 2")]
    [InlineData("$null = 1 | Invoke-Concurrent {BLOCK} | Select-Object -First 1")]
    [InlineData("$null = 1 | Invoke-Concurrent {BLOCK} -ItemTimeout 1s -ErrorAction Ignore")]
    [InlineData("$job = Start-Throttled {BLOCK}; while (-not $job.HasMoreData) { }; $job | Stop-Job; $job | Remove-Job")]
    [InlineData("$null = 1 | Invoke-Concurrent { 1 | Invoke-Concurrent {BLOCK} } | Select-Object -First 1")]
    public async Task The_finally_block_of_a_stopped_block_that_writes_runs_to_its_end(string statement)
    {
        const string Block = "{ try { $n = 0; while ($true) { (++$n) } } finally { "
                + "foreach ($i in 1..3) { $i | ForEach-Object { [Threading.Tasks.Task]::Delay(60).Wait() } }; $state.Ended++ } }";
        for (int i = 0; i < Stress.Times(8); i++)
        {
            ScriptRun run = await _session.RunAsync(
                $"$state = @{{ Ended = 0 }}; {statement.Replace("{BLOCK}", Block, StringComparison.Ordinal)}; $state.Ended");
            Assert.Equal([1], run.Output);
        }
    }

    [Theory]
    [InlineData("'output'")]
    [InlineData("1 | ForEach-Object { $_ }")]
    [InlineData("Write-Error 'no'")]
    [InlineData("Write-Warning 'no'")]
    [InlineData("Write-Host 'text'")]
    [InlineData("Start-Sleep -Milliseconds 20")]
    public async Task The_finally_block_of_a_block_that_is_stopped_while_suspended_runs_to_its_end(string cleanUp)
    {
        foreach (string statement in SuspendedAndStopped($"{cleanUp}; $state.Ended = 1"))
        {
            ScriptRun run = await _session.RunAsync(
                $"$state = [hashtable]::Synchronized(@{{ }}); $null = & {{ {statement} }} 2>&1 3>&1 6>&1; $state.Ended");
            Assert.Equal([1], run.Output);
        }
    }

    [Theory]
    [InlineData("Write-Error 'clean-up'")]
    [InlineData("throw 'clean-up'")]
    public async Task An_error_of_the_finally_block_of_a_block_that_is_stopped_while_suspended_is_told(string cleanUp)
    {
        foreach (string statement in SuspendedAndStopped(cleanUp))
        {
            ScriptRun run = await _session.RunAsync(
                $"$state = [hashtable]::Synchronized(@{{ }}); & {{ {statement} }} 2>&1 | ForEach-Object {{ [string]$_ }}");
            Assert.Contains(run.Output, static told => ((string)told!).Contains("clean-up", StringComparison.Ordinal));
        }
    }

    private static string[] SuspendedAndStopped(string cleanUp)
    {
        string body = $"try {{ $state.Begun = 1; Start-Sleep 600 }} finally {{ {cleanUp} }}";
        const string Other = "while (-not $state.Begun) { Start-Sleep -Milliseconds 1 }";
        return
        [
            $"1 | Invoke-Concurrent {{ {body} }} -ItemTimeout 2s",
            $"try {{ 1..2 | Invoke-Concurrent {{ if ($_ -eq 1) {{ {body} }} else {{ {Other}; throw 'x' }} }} -FailFast }} catch {{ $_ }}",
            $"$job = Start-Throttled {{ {body} }}; {Other}; $job | Stop-Job; $job.Error; $job | Remove-Job",
            $"try {{ Use-TaskGroup {{ Start-Throttled {{ {body} }}; Start-Throttled {{ {Other}; throw 'x' }} }} }} catch {{ $_ }}",
        ];
    }

    [Fact]
    public async Task Items_of_a_queue_go_back_when_a_nested_call_that_resists_is_stopped()
    {
        var queue = new AsyncQueue();
        for (int i = 0; i < 20; i++)
        {
            Assert.True(queue.TryWrite(i));
        }

        _session.Set("queue", queue);
        ScriptRun run = _session.Start("""
            1 | Invoke-Concurrent {
                Invoke-Concurrent -InputStream $queue { $until = [Environment]::TickCount64 + 600
                    try { while ($true) { } } finally { while ([Environment]::TickCount64 -lt $until) { } } } -ThrottleLimit 2
            }
            """);
        await Condition.UntilAsync(() => queue.InFlight == 2, "two items are taken");
        await run.StopAsync();

        await Condition.UntilAsync(() => queue.InFlight == 0, "the items are back");
        Assert.Equal(20, queue.Count);
    }

    /// <summary>The items are taken, but have not started.</summary>
    [Fact]
    public async Task Items_of_a_queue_go_back_when_no_worker_of_a_nested_call_becomes_ready()
    {
        var queue = new AsyncQueue();
        for (int i = 0; i < 20; i++)
        {
            Assert.True(queue.TryWrite(i));
        }

        Probe probe = _session.NewProbe();
        _session.Set("queue", queue);
        ScriptRun run = _session.Start("""
            1 | Invoke-Concurrent {
                Invoke-Concurrent -InputStream $queue { $_ } -InitializationScript { $probe.HoldAsNativeCode() } -ThrottleLimit 2
            }
            """);
        try
        {
            await Condition.UntilAsync(() => queue.InFlight > 0 && probe.Running > 0, "items are taken", TimeSpan.FromMinutes(1));
            await run.StopAsync();

            await Condition.UntilAsync(() => queue.InFlight == 0, "the items are back", TimeSpan.FromMinutes(1));
            Assert.Equal(20, queue.Count);
        }
        finally
        {
            probe.Open();
        }
    }

    [Fact]
    public async Task What_a_callback_on_the_token_of_an_item_throws_is_a_warning()
    {
        ScriptRun run = await _session.RunAsync("""
            1, 2 | Invoke-Concurrent {
                $null = $AsyncContext.CancellationToken.Register([Action] { 'no runspace here' })
                [Threading.Thread]::Sleep(30000)
            } -ItemTimeout 2s -WarningVariable warnings -ErrorAction Ignore 3>$null
            $warnings.Count
            $warnings[0].Message -like '*$AsyncContext.CancellationToken failed*'
            $job = Start-Throttled {
                $null = $AsyncContext.CancellationToken.Register([Action] { 'nor here' })
                [Threading.Thread]::Sleep(30000)
            } -Timeout 2s
            $null = $job | Wait-Job
            "$($job.State)", $job.Warning.Count
            $job | Remove-Job 3>$null
            """);

        Assert.Equal([2, true, "Failed", 1], run.Output);
    }

    [Theory]
    [InlineData("$null = Read-AsyncStream (New-AsyncStream {BLOCK}) -Count 2")]
    [InlineData("$null = 1 | Invoke-Concurrent {BLOCK} | Select-Object -First 1")]
    [InlineData("$null = 1 | Invoke-Concurrent {BLOCK} -AsResult -ItemTimeout 3s -WarningAction Ignore")]
    [InlineData("try { $null = 1 | Invoke-Concurrent {BLOCK} -Timeout 3s -WarningAction Ignore -ErrorAction Ignore } catch { }")]
    [InlineData("$job = Start-Throttled {BLOCK}; while (-not $job.HasMoreData) { }; $job | Stop-Job; $job | Remove-Job")]
    [InlineData("$null = 1 | Invoke-Concurrent { 1 | Invoke-Concurrent {BLOCK} } | Select-Object -First 1")]
    public async Task A_finally_block_of_what_was_stopped_may_write_to_every_stream(string statement)
    {
        const string Block = """
            { $null = Get-Random; try { $n = 0; while ($true) { (++$n) } } finally {
                'output'; Write-Host 'shown'; $Host.UI.WriteLine('shown'); Write-Warning 'warned'; Write-Information 'told'
                Write-Verbose 'said' -Verbose
                Write-Progress 'here'; Write-Error 'failed'; 1/0; Get-Date
                $state.Ended++ } }
            """;
        for (int i = 0; i < Stress.Times(2); i++)
        {
            string whole = statement.Replace("{BLOCK}", Block, StringComparison.Ordinal);
            ScriptRun run = await _session.RunAsync($"$state = @{{ Ended = 0 }}; {whole} 3>$null; $state.Ended");
            Assert.Equal([1], run.Output);
        }
    }

    [Theory]
    [InlineData("1 | Invoke-Concurrent {BLOCK} -ItemTimeout 3s | Out-Null", 2)]
    [InlineData("1 | Invoke-Concurrent {BLOCK} -ItemTimeout 3s -RetryCount 2 -RetryDelay 1ms | Out-Null", 2)]
    [InlineData("(1 | Invoke-Concurrent {BLOCK} -ItemTimeout 3s -AsResult).Error | ForEach-Object { Write-Error -ErrorRecord $_ }", 2)]
    [InlineData("try { 1 | Invoke-Concurrent {BLOCK} -Timeout 3s | Out-Null } catch { }", 1)]
    [InlineData(
        "try { 1, 2 | Invoke-Concurrent { if ($_ -eq 2) { while (-not $state.Runs) { }; throw 1 }; BODY } -FailFast }"
            + " catch { $_.Exception.ErrorRecords | Write-Error }",
        2)]
    [InlineData("$job = Start-Throttled {BLOCK}; while (-not $job.HasMoreData) { }; $job | Stop-Job; $job | Receive-Job | Out-Null", 1)]
    // The commands are loaded before, so that only the finally block runs late.
    public async Task What_a_finally_block_of_what_was_stopped_throws_is_an_error_of_the_item(string statement, int errors)
    {
        foreach (string failure in new[] { "throw 'boom'", "Write-Error 'boom'", "Get-Item ./boom -ErrorAction Stop" })
        {
            string body = $"$null = Get-Random; try {{ $n = 0; while ($true) {{ (++$n); $state.Runs = $true }} }} finally {{ {failure} }}";
            string whole = statement.Replace("{BLOCK}", $"{{ {body} }}", StringComparison.Ordinal)
                .Replace("BODY", body, StringComparison.Ordinal);
            ScriptRun run = await _session.RunAsync($"$state = @{{ Runs = $false }}; {whole}");

            Assert.Single(run.Errors, e => e.ToString().Contains("boom", StringComparison.Ordinal));
            Assert.Equal(errors, run.Errors.Count);
            Assert.Empty(_host.All);
        }
    }

    [Theory]
    [InlineData("$null = Read-AsyncStream (New-AsyncStream {BLOCK}) -Count 2")]
    [InlineData("$null = 1 | Invoke-Concurrent {BLOCK} | Select-Object -First 1")]
    [InlineData("$null = 1 | Invoke-Concurrent { 1 | Invoke-Concurrent {BLOCK} | Select-Object -First 1 }")]
    [InlineData("$null = 1 | Invoke-Concurrent { 1 | Invoke-Concurrent {BLOCK} } | Select-Object -First 1")]
    [InlineData("$job = Start-Throttled {BLOCK}; while (-not $job.HasMoreData) { }; $job | Stop-Job; $job | Remove-Job")]
    [InlineData("$null = 1 | Invoke-Concurrent { if ($state.Runs) { 'quick'; return }; BODY } -Hedge 3s")]
    [InlineData("STOP: 1 | Invoke-Concurrent {BLOCK} | Out-Null")]
    [InlineData("STOP: 1 | Invoke-Concurrent {BLOCK} -AsResult | Out-Null")]
    public async Task What_a_finally_block_throws_that_nobody_can_take_any_more_is_a_warning(string statement)
    {
        foreach (string failure in new[] { "throw 'boom'", "Write-Error 'boom'" })
        {
            string body = $"$null = Get-Random; try {{ $n = 0; while ($true) {{ (++$n); $state.Runs = $true }} }} finally {{ {failure} }}";
            string whole = statement.Replace("{BLOCK}", $"{{ {body} }}", StringComparison.Ordinal)
                .Replace("BODY", body, StringComparison.Ordinal)
                .Replace("STOP: ", "", StringComparison.Ordinal);
            var state = new System.Collections.Hashtable { ["Runs"] = false };
            _session.Set("state", state);
            ScriptRun run = _session.Start($"foreach ($once in 1) {{ {whole} }}");
            if (statement.StartsWith("STOP:", StringComparison.Ordinal))
            {
                await Condition.UntilAsync(() => true.Equals(state["Runs"]), "the block runs");
                await run.StopAsync();
            }
            else
            {
                await run.EndAsync();
            }

            string warning = Assert.Single(_host.All, static line => line.StartsWith("warning", StringComparison.Ordinal));
            Assert.Contains("boom", warning, StringComparison.Ordinal);
            _host.Shown.Clear();
        }
    }

    [Fact]
    public async Task A_job_of_a_group_that_is_ended_tells_what_its_finally_block_writes()
    {
        const string Job =
            "Start-Throttled { $null = Get-Random; try { while (1) { $state.Runs = $true } } finally { Write-Error 'boom' } }";
        ScriptRun run = await _session.RunAsync(
            $"$state = @{{ Runs = $false }}; Use-TaskGroup {{ {Job}; while (-not $state.Runs) {{ }}; Get-Job | Stop-Job }}");
        Assert.Equal("boom", Assert.Single(run.Errors).ToString());
        Assert.Empty(_host.All);

        await _session.RunAsync(
            $"$state = @{{ Runs = $false }}; foreach ($once in 1) {{ Use-TaskGroup {{ {Job}; while (-not $state.Runs) {{ }}; break }} }}");
        Assert.Contains("boom", Assert.Single(_host.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warnings_of_finally_blocks_are_not_shown_to_those_who_want_none()
    {
        const string Statement = "1 | Invoke-Concurrent { try { while ($true) { 1 } } finally { throw 'boom' } }";
        await _session.RunAsync(Statement + " -WarningAction SilentlyContinue | Select-Object -First 1");

        Assert.Empty(_host.All);
    }

    [Theory]
    [InlineData("[Threading.Tasks.Task]::Delay(-1, $AsyncContext.CancellationToken).Wait()")]
    [InlineData("try { [Threading.Tasks.Task]::Delay(-1, $AsyncContext.CancellationToken).Wait() } catch { Start-Sleep 100 }")]
    [InlineData("[Threading.Thread]::Sleep(-1)")]
    [InlineData("while ($true) { Import-Module $path -Force; Get-Loaded }")]
    [InlineData("while ($true) { Get-Module -ListAvailable -Name $path }")]
    [InlineData("while ($true) { 1..2 | Invoke-Concurrent -UseNewRunspace { Start-Sleep -Milliseconds 1 } }")]
    public async Task What_fails_because_it_is_stopped_is_no_failure_of_a_finally_block(string body)
    {
        using var folder = new TempFolder();
        string path = Path.Combine(folder.Path, "loaded.psm1");
        await File.WriteAllTextAsync(path, "function Get-Loaded { 1 }", TestContext.Current.CancellationToken);
        _session.Set("path", path);
        for (int i = 0; i < Stress.Times(6); i++)
        {
            ScriptRun run = await _session.RunAsync(
                $"1..4 | Invoke-Concurrent {{ {body} }} -ItemTimeout {20 + (i * 10)}ms -ThrottleLimit 4");

            Assert.All(run.Errors, static e => Assert.StartsWith("ItemTimedOut", e.FullyQualifiedErrorId, StringComparison.Ordinal));
            Assert.Empty(_host.All);
        }
    }

    [Theory]
    [InlineData("Import-Module $path;", true)]
    [InlineData("", false)]
    public async Task A_worker_is_not_used_again_if_a_stop_may_have_cut_the_loading_of_a_module(string body, bool isReplaced)
    {
        using var folder = new TempFolder();
        string path = Path.Combine(folder.Path, "loaded.psm1");
        await File.WriteAllTextAsync(path, "function Get-Loaded { 1 }", TestContext.Current.CancellationToken);
        _session.Set("path", path);
        var state = new System.Collections.Hashtable();
        _session.Set("state", state);
        const string Rest = "$state.Id = [runspace]::DefaultRunspace.InstanceId; $state.Runs = $true; while ($true) { }";
        ScriptRun run = _session.Start($"1 | Invoke-Concurrent {{ {body} {Rest} }}");
        await Condition.UntilAsync(() => state.ContainsKey("Runs"), "the block runs");
        await run.StopAsync();

        bool IsThere() => Counters.WorkerRunspaces.Any(r => r.InstanceId.Equals(state["Id"]));
        if (isReplaced)
        {
            await Condition.UntilAsync(() => !IsThere(), "the worker has gone");
        }
        else
        {
            await _session.RunAsync("1..20 | Invoke-Concurrent { $_ }");
            Assert.True(IsThere());
        }
    }
}
