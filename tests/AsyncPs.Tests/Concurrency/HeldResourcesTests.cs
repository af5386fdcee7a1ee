using AsyncPs.Caching;
using AsyncPs.Pooling;
using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using AsyncPs.Throttling;
using CsCheck;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>
/// What items hold, in any combination: a place, permits of a limiter, the probe of a circuit breaker, an item of a queue, a place in the
/// order, an object of a pool, a computation of a cache. Whatever way a call ends, all of it is back.
/// </summary>
[Collection(nameof(SerialTests))]
public sealed class HeldResourcesTests : IDisposable
{
    private const int QueueItems = 30;

    private static readonly string[] Options =
    [
        "-Throttle $throttle",
        "-CircuitBreaker $breaker",
        "-Ordered",
        "-AsResult",
        "-RetryCount 2 -RetryDelay 1ms",
        "-ItemTimeout 20ms",
        "-Hedge 1ms",
        "-BatchSize 2",
    ];

    private static readonly string[] Ends =
    [
        " | Select-Object -First 1",
        " | Select-Object -First 4",
        " | ForEach-Object { throw 'enough' }",
        " -FailFast",
        " -Timeout 20ms",
        " -Timeout 1ms",
        " -ErrorAction Stop",
        "",
        "STOP",
    ];

    private static readonly string[] Works =
    [
        "[Threading.Thread]::Sleep(1)",
        "Get-AsyncCache $cache ($n % 3) { [Threading.Thread]::Sleep(2); 1 }",
        "Use-AsyncPool $pool { [Threading.Thread]::Sleep(1) }",
        "Use-Throttle $other { [Threading.Thread]::Sleep(1) }",
        "1..3 | Invoke-Concurrent { [Threading.Thread]::Sleep(1); $_ } -Throttle $other",
        "[Threading.Tasks.Task]::Delay(2)",
        "try { [Threading.Thread]::Sleep(1) } finally { Start-Sleep -Milliseconds 1 }",
        "if ($n % 5 -eq 3) { throw 'failed' }",
        "1..20",
    ];

    private readonly ModuleSession _session = new();
    private readonly Throttle _throttle = new(2);
    private readonly Throttle _other = new(3);
    private readonly AsyncCache _cache = new(new CacheOptions { TimeToLive = TimeSpan.FromMilliseconds(5) });

    public void Dispose()
    {
        _session.Dispose();
        _throttle.Dispose();
        _other.Dispose();
        _cache.Dispose();
    }

    [Fact]
    public async Task All_that_items_hold_is_back_whatever_way_the_call_ends()
    {
        _session.Set("throttle", _throttle);
        _session.Set("other", _other);
        _session.Set("cache", _cache);
        await _session.RunAsync("""
            $global:breaker = New-CircuitBreaker 0.5 -MinimumThroughput 2 -SamplingTime 500ms -BreakTime 500ms
            $global:pool = New-AsyncPool { [object]::new() } -MaxSize 2
            """);
        var pool = (AsyncPool)(await _session.RunAsync(", $pool")).Output[0]!;

        Gen<string> ends = Gen.Int[0, Ends.Length - 1].Select(static i => Ends[i]);
        await Gen.Select(Gen.Shuffle(Options, 0, 3), ends, Gen.Shuffle(Works, 1, 3), Gen.Int[1, 20]).SampleAsync(
            (options, end, works, moment) => RunAsync(string.Join(' ', options), end, string.Join("; ", works), moment, pool),
            iter: Stress.Times(150),
            threads: 1);

        const string Attempt = "1 | Invoke-Concurrent { 'let through' } -CircuitBreaker $breaker -ErrorAction Ignore";
        await Condition.UntilAsync(
            () => _session.RunAsync(Attempt).Result.Output.Count == 1,
            "the circuit breaker lets an attempt through again");
    }

    // One place each, which every way out of a call goes through.
    [Theory]
    [InlineData("Origin?.Finish()", "ConcurrentCall.Holding.cs")]
    [InlineData("Origin?.Fail(", "ConcurrentCall.Holding.cs")]
    [InlineData("Origin?.Return(item", "ConcurrentCall.Holding.cs")]
    [InlineData("ForgetAside(item);", "ConcurrentCall.Holding.cs")]
    [InlineData("Queue.Release()", "ConcurrentCall.Holding.cs")]
    [InlineData("_permit?.Close()", "ItemState.Ending.cs")]
    [InlineData("?.Leave(_probe", "ItemState.Ending.cs")]
    [InlineData("TellCircuit(null)", "ItemState.Ending.cs")]
    public void What_an_item_holds_is_returned_in_one_place(string call, string file)
        => Assert.Equal(
            [file],
            Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "AsyncPs", "Concurrency"), "*.cs", SearchOption.AllDirectories)
                .SelectMany(source => File.ReadLines(source)
                    .Where(line => line.Contains(call, StringComparison.Ordinal))
                    .Select(_ => Path.GetFileName(source))));

    private async Task RunAsync(string options, string end, string work, int moment, AsyncPool pool)
    {
        var queue = new AsyncQueue();
        for (int i = 0; i < QueueItems; i++)
        {
            Assert.True(queue.TryWrite(i));
        }

        queue.Complete();
        _session.Set("queue", queue);
        string last = end.Replace("STOP", "", StringComparison.Ordinal);
        string script = $$"""
            foreach ($once in 1) {
                try {
                    Invoke-Concurrent -InputStream $queue -ThrottleLimit 6 {{options}} { $n = @($_)[0]; {{work}} }{{last}}
                }
                catch { }
            }
            """;
        ScriptRun run = _session.Start(script);
        if (end == "STOP")
        {
            await Condition.UntilAsync(() => run.HasEnded || QueueItems - queue.Count >= moment, "some items are taken");
            await run.StopAsync();
        }
        else
        {
            await run.EndAsync();
        }

        await Condition.UntilAsync(
            () => (queue.InFlight, _throttle.Available, _other.Available, pool.InUse, _cache.Computing, _cache.Waiting)
                == (0, 2, 3, 0, 0, 0),
            $"all is back after {script}");
        Assert.Equal((0, 0, 0), (_throttle.Waiting, _other.Waiting, pool.Waiting));
    }
}
