using System.Management.Automation;
using AsyncPs.Blocks;
using AsyncPs.Caching;
using AsyncPs.Concurrency;
using AsyncPs.Tests.Support;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AsyncPs.Tests.Caching;

/// <summary>Random reads, computations, time and removals, against a plain table with a list of readers for each key.</summary>
public sealed class CacheModelTests
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(50);

    // No number of steps ends where a value does.
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(40);

    private static readonly Gen<(Operation Operation, int Key)[]> Operations =
        Gen.Select(Gen.Enum<Operation>(), Gen.Int[0, 2]).Array[1, 60];

    private enum Operation
    {
        Read,
        ReadAgain,
        Complete,
        Fail,
        CompleteWithError,
        GiveUp,
        Set,
        Remove,
        Clear,
        Wait,
    }

    [Fact]
    public Task A_cache_does_what_its_model_does() => Operations.SampleAsync(RunAsync, iter: Stress.Times(500), threads: 1);

    private static async Task RunAsync((Operation Operation, int Key)[] operations)
    {
        var time = new FakeTimeProvider();
        using var cache = new AsyncCache(
            new CacheOptions { TimeToLive = Fresh, StaleWhileRevalidate = Stale, TimeProvider = time });
        var model = new Model();
        List<Flight> computing = [];
        int next = 0;
        foreach ((Operation operation, int key) in operations)
        {
            Flight? flight = computing.Find(flight => flight.Key == key);
            switch (operation)
            {
                case Operation.Read or Operation.ReadAgain:
                    Read(cache, key, computing, model);
                    break;
                case Operation.Complete when flight is not null:
                    await EndAsync(flight, new BlockOutput([next], []));
                    model.Complete(flight, next++);
                    break;
                case Operation.CompleteWithError when flight is not null:
                    var error = new StreamRecord(null, StreamKind.Error, new ErrorRecord(new IOException("half"), "Half", default, null));
                    await EndAsync(flight, new BlockOutput([next], [error]));
                    model.CompleteWithError(flight);
                    next++;
                    break;
                case Operation.Fail when flight is not null:
                    await EndAsync(flight, new IOException("no"));
                    model.Fail(flight);
                    break;
                case Operation.GiveUp when flight is { Readers.Count: > 0 }:
                    Reader reader = flight.Readers[^1];
                    await reader.Cancel.CancelAsync();
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader.Task.WaitAsync(WaitLimit));
                    flight.Readers.Remove(reader);
                    model.GiveUp(flight);
                    break;
                case Operation.Set:
                    cache.Set(key, next);
                    model.Set(key, next++);
                    break;
                case Operation.Remove:
                    Assert.Equal(model.Remove(key), cache.Remove(key));
                    break;
                case Operation.Clear:
                    cache.Clear();
                    model.Clear();
                    break;
                case Operation.Wait:
                    time.Advance(Step);
                    model.Now += Step;
                    break;
            }

            await RemoveEndedAsync(computing);
            Assert.Equal(model.Keys, cache.Keys.Cast<int>().Order());
            Assert.Equal(
                (model.Hits, model.Misses, model.Computed, model.Failures, model.Flights.Count, model.Waiting),
                (cache.Hits, cache.Misses, cache.Computed, cache.Failures, cache.Computing, cache.Waiting));
        }
    }

    // As Get-AsyncCache reads.
    private static void Read(AsyncCache cache, int key, List<Flight> computing, Model model)
    {
        Flight Begin(bool isRefresh)
        {
            var flight = new Flight(key, isRefresh);
            computing.Add(flight);
            return flight;
        }

        if (cache.TryRead(key, out object?[]? output, out bool isStale))
        {
            Assert.Equal(model.Read(key), (output[0], isStale));
            if (isStale)
            {
                Flight? refresh = null;
                bool starts = !model.Flights.ContainsKey(key);
                cache.Refresh(key, _ => token => (refresh = Begin(isRefresh: true)).RunAsync(token));
                Assert.Equal(starts, refresh is not null);
                model.Start(refresh);
            }

            return;
        }

        Assert.Null(model.Read(key));
        var cancel = new CancellationTokenSource();
        Flight? started = null;
        bool isFirst = !model.Flights.ContainsKey(key);
        Task<BlockOutput> task = cache.GetAsync(key, _ => token => (started = Begin(isRefresh: false)).RunAsync(token), null, cancel.Token);
        Assert.Equal(isFirst, started is not null);
        model.Start(started);
        Assert.False(task.IsCompleted);
        model.Flights[key].Readers.Add(new Reader(task, cancel));
        model.Misses++;
    }

    private static async Task EndAsync(Flight flight, object end)
    {
        if (end is Exception failure)
        {
            flight.End.SetException(failure);
        }
        else
        {
            flight.End.SetResult((BlockOutput)end);
        }

        foreach (Reader reader in flight.Readers)
        {
            if (end is Exception)
            {
                await Assert.ThrowsAsync<IOException>(() => reader.Task.WaitAsync(WaitLimit));
            }
            else
            {
                Assert.Equal(((BlockOutput)end).Output, (await reader.Task.WaitAsync(WaitLimit)).Output);
            }
        }

        flight.Readers.Clear();
    }

    // Those that ended, and those that no reader waits for any more: they have been notified.
    private static async Task RemoveEndedAsync(List<Flight> computing)
    {
        foreach (Flight flight in computing.FindAll(static flight => flight.IsOver))
        {
            computing.Remove(flight);
            await ((Task)flight.End.Task.ContinueWith(static _ => { }, TaskScheduler.Default)).WaitAsync(WaitLimit);
        }
    }

    private sealed record Reader(Task<BlockOutput> Task, CancellationTokenSource Cancel);

    // A computation, of the cache and of the model.
    private sealed class Flight(int key, bool isRefresh)
    {
        public int Key => key;

        public bool IsRefresh => isRefresh;

        public TaskCompletionSource<BlockOutput> End { get; } = new();

        public List<Reader> Readers { get; } = [];

        public bool IsOver { get; set; }

        public async Task<BlockOutput> RunAsync(CancellationToken cancellationToken)
        {
            await using CancellationTokenRegistration registration = cancellationToken.Register(() => End.TrySetCanceled());
            return await End.Task.ConfigureAwait(false);
        }
    }

    private sealed class Model
    {
        private readonly Dictionary<int, (int Value, TimeSpan SetAt)> _values = [];

        public Dictionary<int, Flight> Flights { get; } = [];

        public TimeSpan Now { get; set; }

        public long Hits { get; private set; }

        public long Misses { get; set; }

        public long Computed { get; private set; }

        public long Failures { get; private set; }

        public int Waiting => Flights.Values.Sum(static flight => flight.Readers.Count);

        public IEnumerable<int> Keys => _values.Where(value => Now - value.Value.SetAt < Fresh + Stale).Select(static v => v.Key).Order();

        public (object? Value, bool IsStale)? Read(int key)
        {
            if (!Keys.Contains(key))
            {
                return null;
            }

            Hits++;
            return (_values[key].Value, Now - _values[key].SetAt >= Fresh);
        }

        public void Start(Flight? flight)
        {
            if (flight is not null)
            {
                Flights.Add(flight.Key, flight);
            }
        }

        public void Complete(Flight flight, int value)
        {
            if (End(flight))
            {
                _values[flight.Key] = (value, Now);
            }

            Computed++;
        }

        public void CompleteWithError(Flight flight)
        {
            End(flight);
            Computed++;
        }

        public void Fail(Flight flight)
        {
            End(flight);
            Failures++;
        }

        public void GiveUp(Flight flight)
        {
            if (flight.Readers.Count == 0 && !flight.IsRefresh)
            {
                End(flight);
            }
        }

        public void Set(int key, int value)
        {
            Flights.Remove(key);
            _values[key] = (value, Now);
        }

        public bool Remove(int key)
        {
            Flights.Remove(key);
            bool isThere = Keys.Contains(key);
            _values.Remove(key);
            return isThere;
        }

        public void Clear()
        {
            Flights.Clear();
            _values.Clear();
        }

        // Whether what comes of it is kept.
        private bool End(Flight flight)
        {
            flight.IsOver = true;
            return Flights.GetValueOrDefault(flight.Key) == flight && Flights.Remove(flight.Key);
        }
    }
}
