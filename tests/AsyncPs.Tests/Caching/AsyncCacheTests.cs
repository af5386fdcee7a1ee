using System.Management.Automation;
using AsyncPs.Caching;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Blocks;
using AsyncPs.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AsyncPs.Tests.Caching;

public sealed class AsyncCacheTests
{
    private readonly FakeTimeProvider _time = new();
    private int _computations;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_computed_is_there()
    {
        using AsyncCache cache = NewCache();

        Assert.Equal(1, await Get(cache, "a"));
        Assert.Equal(1, await Get(cache, "a"));
        Assert.Equal(2, await Get(cache, "A"));

        Assert.Equal((1, 2, 2, 2), (cache.Hits, cache.Misses, cache.Computed, cache.Count));
        Assert.Equal(1 / 3.0, cache.HitRatio);
        Assert.Equal(["A", "a"], cache.Keys.Cast<string>().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Keys_are_compared_by_what_they_are()
    {
        using AsyncCache cache = NewCache();

        Assert.Equal(1, await Get(cache, new object[] { "eu", 1 }));
        Assert.Equal(1, await Get(cache, new object[] { PSObject.AsPSObject("eu"), 1 }));
        Assert.Equal(2, await Get(cache, new object[] { "eu", 2 }));
        Assert.Equal(3, await Get(cache, new object?[] { "eu", null }));
        Assert.Equal(4, await Get(cache, new[] { new object[] { 1 }, [2] }));
        Assert.Equal(4, await Get(cache, new[] { new object[] { 1 }, [2] }));
        Assert.Equal(5, await Get(cache, PSObject.AsPSObject("x")));
        Assert.Equal(5, await Get(cache, "x"));
        Assert.Contains(cache.Keys, static key => key is object[] { Length: 2 } parts && Equals(parts[1], 2));
    }

    [Fact]
    public async Task A_value_is_fresh_for_its_time()
    {
        using AsyncCache cache = NewCache(new CacheOptions { TimeToLive = TimeSpan.FromMinutes(5) });
        await Get(cache, "a");

        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await Get(cache, "a"));
        _time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal(0, cache.Count);
        Assert.Equal(2, await Get(cache, "a"));
    }

    [Fact]
    public async Task Reading_lets_the_sliding_time_begin_anew()
    {
        using AsyncCache cache = NewCache(new CacheOptions { SlidingExpiration = TimeSpan.FromMinutes(1) });
        await Get(cache, "a");
        for (int i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(50));
            Assert.Equal(1, await Get(cache, "a"));
        }

        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(2, await Get(cache, "a"));
    }

    [Fact]
    public async Task The_time_to_live_ends_what_is_read_all_the_time()
    {
        using AsyncCache cache = NewCache(new CacheOptions
        {
            TimeToLive = TimeSpan.FromMinutes(2),
            SlidingExpiration = TimeSpan.FromMinutes(1),
        });
        await Get(cache, "a");
        _time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(1, await Get(cache, "a"));
        _time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(1, await Get(cache, "a"));
        _time.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal(2, await Get(cache, "a"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(50)]
    public async Task The_least_recently_read_makes_room(int maxCount)
    {
        using AsyncCache cache = NewCache(new CacheOptions { MaxCount = maxCount });
        for (int i = 0; i < maxCount; i++)
        {
            await Get(cache, i);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, await Get(cache, 0));
        _time.Advance(TimeSpan.FromSeconds(1));
        await Get(cache, "new");

        Assert.InRange(cache.Count, 1, maxCount);
        Assert.True(cache.TryGet("new", out _));
        Assert.Equal(maxCount > 1, cache.TryGet(0, out _));
        Assert.False(cache.TryGet(1, out _));
    }

    [Fact]
    public async Task There_are_never_too_many()
    {
        using AsyncCache cache = NewCache(new CacheOptions { MaxCount = 100 });
        for (int i = 0; i < 1000; i++)
        {
            await Get(cache, i);
            Assert.InRange(cache.Count, Math.Min(i + 1, 95), 100);
        }
    }

    [Fact]
    public async Task What_fails_is_not_kept()
    {
        using AsyncCache cache = NewCache();
        await Assert.ThrowsAsync<IOException>(() => cache.GetAsync(
            "a",
            static _ => static async _ => { await Task.Yield(); throw new IOException("no"); },
            null,
            Cancel));
        await Assert.ThrowsAsync<IOException>(() => cache.GetAsync("a", static _ => throw new IOException("never began"), null, Cancel));

        Assert.Equal((0, 0, 2), (cache.Count, cache.Computing, cache.Failures));
        Assert.Equal("never began", cache.LastError!.Exception.Message);
        Assert.Equal(1, await Get(cache, "a"));
    }

    [Fact]
    public async Task Output_with_errors_is_given_to_those_who_wait_and_not_kept()
    {
        using AsyncCache cache = NewCache();
        var error = new ErrorRecord(new IOException("half"), "Half", ErrorCategory.ReadError, null);
        var verbose = new StreamRecord(null, StreamKind.Verbose, new VerboseRecord("tells"));
        var gate = new TaskCompletionSource();
        Task<BlockOutput> first = cache.GetAsync(
            "a",
            _ => async _ => { await gate.Task; return new BlockOutput([7], [verbose, new StreamRecord(null, StreamKind.Error, error)]); },
            null,
            Cancel);
        Task<BlockOutput> second = Read(cache, "a");
        gate.SetResult();

        Assert.Equal([StreamKind.Verbose, StreamKind.Error], (await first).Records.Select(static r => r.Kind));
        Assert.Equal([StreamKind.Error], (await second).Records.Select(static r => r.Kind));
        Assert.Equal([7], (await second).Output);
        Assert.Equal(0, cache.Count);
        Assert.Same(error, cache.LastError);
    }

    [Fact]
    public async Task A_stale_value_serves_while_it_is_computed_anew_once()
    {
        using AsyncCache cache = NewCache(new CacheOptions
        {
            TimeToLive = TimeSpan.FromMinutes(1),
            StaleWhileRevalidate = TimeSpan.FromMinutes(1),
        });
        await Get(cache, "a");
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(cache.TryRead("a", out _, out bool isStale) && !isStale);

        _time.Advance(TimeSpan.FromSeconds(2));
        var gate = new TaskCompletionSource();
        for (int i = 0; i < 3; i++)
        {
            Assert.True(cache.TryRead("a", out object?[]? old, out isStale) && isStale);
            Assert.Equal([1], old);
            cache.Refresh("a", Compute(gate.Task));
        }

        Assert.Equal((1, 0), (cache.Computing, cache.Waiting));
        gate.SetResult();
        await Condition.UntilAsync(() => cache.Computing == 0, "the refresh has ended");
        Assert.True(cache.TryRead("a", out object?[]? fresh, out isStale) && !isStale);
        Assert.Equal([2], fresh);

        _time.Advance(TimeSpan.FromSeconds(121));
        Assert.False(cache.TryRead("a", out _, out _));
    }

    [Fact]
    public async Task A_stale_value_stays_when_it_cannot_be_computed_anew()
    {
        using AsyncCache cache = NewCache(new CacheOptions
        {
            TimeToLive = TimeSpan.FromMinutes(1),
            StaleWhileRevalidate = TimeSpan.FromMinutes(1),
        });
        await Get(cache, "a");
        _time.Advance(TimeSpan.FromSeconds(61));
        cache.Refresh("a", static _ => static _ => Task.FromException<BlockOutput>(new IOException("no")));

        Assert.Equal((1, 0), (cache.Failures, cache.Computing));
        Assert.True(cache.TryRead("a", out object?[]? old, out bool isStale) && isStale);
        Assert.Equal([1], old);
    }

    [Fact]
    public async Task A_reader_who_goes_leaves_the_others_and_the_last_ends_the_computation()
    {
        using AsyncCache cache = NewCache();
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        CancellationToken computing = default;
        Func<CacheFlight, Func<CancellationToken, Task<BlockOutput>>> endless = _ => async token => { computing = token; await Task.Delay(
            Timeout.Infinite,
            token); return new BlockOutput([], []); };
        Task<BlockOutput> one = cache.GetAsync("a", endless, null, first.Token);
        Task<BlockOutput> two = cache.GetAsync("a", endless, null, second.Token);
        Assert.Equal((1, 2), (cache.Computing, cache.Waiting));

        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.Equal((1, 1), (cache.Computing, cache.Waiting));
        Assert.False(computing.IsCancellationRequested);

        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two);
        await Condition.UntilAsync(() => computing.IsCancellationRequested, "the computation is canceled");
        Assert.Equal((0, 0, 0), (cache.Computing, cache.Waiting, cache.Failures));
        Assert.Equal(1, await Get(cache, "a"));
    }

    [Theory]
    [InlineData("remove")]
    [InlineData("clear")]
    [InlineData("set")]
    public async Task What_is_removed_while_it_is_computed_is_not_kept(string how)
    {
        using AsyncCache cache = NewCache();
        var gate = new TaskCompletionSource();
        Task<BlockOutput> waiting = cache.GetAsync("a", Compute(gate.Task), null, Cancel);
        switch (how)
        {
            case "remove":
                Assert.False(cache.Remove("a"));
                break;
            case "clear":
                cache.Clear();
                break;
            default:
                cache.Set("a", 99);
                break;
        }

        gate.SetResult();
        Assert.Equal([1], (await waiting).Output);
        Assert.Equal(how == "set" ? 99 : 2, await Get(cache, "a"));
    }

    [Fact]
    public async Task Disposing_ends_computations_and_their_readers()
    {
        AsyncCache cache = NewCache();
        Task<BlockOutput> waiting = cache.GetAsync(
            "a",
            static _ => static async token => { await Task.Delay(Timeout.Infinite, token); return new BlockOutput([], []); },
            null,
            Cancel);
        cache.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Get(cache, "a"));
        Assert.Throws<ObjectDisposedException>(() => cache.Set("a", 1));
        Assert.Equal((0, 0), (cache.Count, cache.Keys.Count));
        cache.Dispose();
    }

    [Fact]
    public async Task Who_would_wait_for_himself_gets_an_error()
    {
        using AsyncCache cache = NewCache();
        await Assert.ThrowsAsync<DeadlockException>(() => cache.GetAsync("a", Reads("a"), null, Cancel));
        await Assert.ThrowsAsync<DeadlockException>(() => cache.GetAsync("a", Reads("b", "a"), null, Cancel));
        Assert.Equal((0, 0), (cache.Computing, cache.Waiting));

        Func<CacheFlight, Func<CancellationToken, Task<BlockOutput>>> Reads(string key, string? then = null)
            => flight => token => cache.GetAsync(
                key,
                then is null ? Compute(Task.CompletedTask) : Reads(then),
                new Computation(flight),
                token);
    }

    [Fact]
    public async Task A_thousand_readers_make_one_computation_a_thousand_times()
    {
        using AsyncCache cache = NewCache();
        const int Readers = 1000;
        const int Rounds = 1000;
        const int Threads = 8;
        using var meet = new Barrier(Threads);
        int wrong = 0;

        // Each thread acts as many readers, and all of them request a new key.
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            var reads = new Task<BlockOutput>[Readers / Threads];
            for (int round = 0; round < Rounds; round++)
            {
                object key = round;
                meet.SignalAndWait();
                for (int i = 0; i < reads.Length; i++)
                {
                    reads[i] = cache.GetAsync(
                        key,
                        _ => async _ => { await Task.Yield(); Interlocked.Increment(ref _computations); return new BlockOutput(
                            [key],
                            []); },
                        null,
                        Cancel);
                }

                Task.WaitAll(reads);
                if (Array.Exists(reads, read => !Equals(read.Result.Output[0], key)))
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        }))];
        Array.ForEach(threads, static thread => thread.Start());
        await Task.Run(() => Array.ForEach(threads, static thread => thread.Join()), TestContext.Current.CancellationToken);

        Assert.Equal((Rounds, 0, 0, 0), (_computations, wrong, cache.Waiting, cache.Computing));
        Assert.Equal(Readers * Rounds, cache.Hits + cache.Misses);
    }

    [Fact]
    public async Task Nothing_is_left_of_readers_who_come_and_go()
    {
        using AsyncCache cache = NewCache(new CacheOptions { MaxCount = 8 });
        await Parallel.ForEachAsync(Enumerable.Range(0, 20_000), TestContext.Current.CancellationToken, async (i, _) =>
        {
            using var timeout = new CancellationTokenSource();
            Task read = cache.GetAsync(
                i % 16,
                static flight => async token => { await Task.Yield(); token.ThrowIfCancellationRequested(); return new BlockOutput(
                    [flight.Key],
                    []); },
                null,
                timeout.Token);
            if (i % 3 == 0)
            {
                await timeout.CancelAsync();
            }

            if (i % 7 == 0)
            {
                cache.Remove(i % 16);
            }

            await ((Task)read.ContinueWith(static _ => { }, TaskScheduler.Default));
        });

        await Condition.UntilAsync(() => cache.Computing == 0, "all computations have ended");
        Assert.Equal(0, cache.Waiting);
        Assert.InRange(cache.Count, 1, 8);
    }

    private AsyncCache NewCache(CacheOptions? options = null) => new((options ?? new CacheOptions()) with { TimeProvider = _time });

    private async Task<object?> Get(AsyncCache cache, object key) => (await Read(cache, key)).Output[0];

    private Task<BlockOutput> Read(AsyncCache cache, object key)
        => cache.GetAsync(key, Compute(Task.CompletedTask), null, TestContext.Current.CancellationToken);

    private Func<CacheFlight, Func<CancellationToken, Task<BlockOutput>>> Compute(Task gate) => _ => async _ =>
    {
        await gate;
        return new BlockOutput([Interlocked.Increment(ref _computations)], []);
    };

    // Computes a key, as an item of a call does.
    private sealed class Computation(CacheFlight flight) : Strand
    {
        public override bool Holds(object resource) => resource == flight;

        public override void AddResources(in CallerLink link, List<object> resources) => resources.Add(flight);
    }
}
