using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using AsyncPs.Throttling;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>What a stop leaves behind: nothing, and clean-up runs to its end.</summary>
public sealed class CleanUpTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task A_stopped_call_gives_back_the_permits_of_items_that_were_just_to_be_resumed()
    {
        using var throttle = new Throttle(limit: 2);
        _session.Set("throttle", throttle);
        for (int i = 0; i < Stress.Times(150); i++)
        {
            await _session.RunAsync($$"""
                1..20 | Invoke-Concurrent { [Threading.Thread]::Sleep(2); $_; [Threading.Thread]::Sleep(1) } -Throttle $throttle -ThrottleLimit 20 |
                    Select-Object -First {{1 + (i % 5)}}
                """);
            await Condition.UntilAsync(() => throttle.Available == 2, $"both permits are back after call {i}");
        }
    }

    [Theory]
    [InlineData("$null = Read-AsyncStream (New-AsyncStream {BLOCK}) -Count 2")]
    [InlineData("$null = 1 | Invoke-Concurrent {BLOCK} | Select-Object -First 1")]
    [InlineData("$null = 1 | Invoke-Concurrent {BLOCK} -ItemTimeout 50ms -ErrorAction Ignore")]
    [InlineData("$job = Start-Throttled {BLOCK}; while (-not $job.HasMoreData) { }; $job | Stop-Job; $job | Remove-Job")]
    [InlineData("$null = 1 | Invoke-Concurrent { 1 | Invoke-Concurrent {BLOCK} } | Select-Object -First 1")]
    public async Task The_finally_block_of_a_stopped_block_that_writes_runs_to_its_end(string statement)
    {
        const string Block = "{ try { $n = 0; while ($true) { (++$n) } } finally { foreach ($i in 1..3) { $i | ForEach-Object { [Threading.Tasks.Task]::Delay(60).Wait() } }; $state.Ended++ } }";
        for (int i = 0; i < Stress.Times(8); i++)
        {
            ScriptRun run = await _session.RunAsync($"$state = @{{ Ended = 0 }}; {statement.Replace("{BLOCK}", Block, StringComparison.Ordinal)}; $state.Ended");
            Assert.Equal([1], run.Output);
        }
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

    [Fact]
    public async Task What_a_callback_on_the_token_of_an_item_throws_is_a_warning()
    {
        ScriptRun run = await _session.RunAsync("""
            1, 2 | Invoke-Concurrent {
                $null = $AsyncContext.CancellationToken.Register([Action] { 'no runspace here' })
                [Threading.Thread]::Sleep(10000)
            } -ItemTimeout 50ms -WarningVariable warnings -ErrorAction Ignore 3>$null
            $warnings.Count
            $warnings[0].Message -like '*$AsyncContext.CancellationToken failed*'
            $job = Start-Throttled { $null = $AsyncContext.CancellationToken.Register([Action] { 'nor here' }); [Threading.Thread]::Sleep(10000) } -Timeout 50ms
            $null = $job | Wait-Job
            "$($job.State)", $job.Warning.Count
            $job | Remove-Job 3>$null
            """);

        Assert.Equal([2, true, "Failed", 1], run.Output);
    }
}
