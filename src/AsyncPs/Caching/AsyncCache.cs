using AsyncPs.Blocks;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Isolation;

namespace AsyncPs.Caching;

/// <summary>
/// Keeps computed values by key, for a time. A missing value is computed once for all concurrent callers, and all of them get the result;
/// failures are not kept. All members are safe for any thread and any runspace.
/// </summary>
public sealed partial class AsyncCache : IDisposable
{
    private readonly object _lock = new();
    private readonly Dictionary<object, CacheFlight> _flights = [];
    private readonly CacheOptions _options;
    private readonly ICacheStore _store;
    private readonly long _freshTicks;
    private volatile bool _disposed;

    /// <summary>Creates an empty cache.</summary>
    internal AsyncCache(CacheOptions options)
    {
        _options = options;
        _store = DependencyLoader.Get<ICacheStores>().Create(options);
        _freshTicks = options.TimeToLive is { } time ? (long)(time.TotalSeconds * options.TimeProvider.TimestampFrequency) : 0;
    }

    /// <summary>How long a value is fresh; null for no limit.</summary>
    public TimeSpan? TimeToLive => _options.TimeToLive;

    /// <summary>How long a value is kept without being read; null for no limit.</summary>
    public TimeSpan? SlidingExpiration => _options.SlidingExpiration;

    /// <summary>The largest number of values; those not read for the longest time are removed first.</summary>
    public int MaxCount => _options.MaxCount;

    /// <summary>How long a stale value is still returned while a new one is computed.</summary>
    public TimeSpan StaleWhileRevalidate => _options.StaleWhileRevalidate;

    /// <summary>Looks up a value and computes nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; several objects as an array.</param>
    /// <returns>Whether it was found.</returns>
    public bool TryGet(object key, out object? value)
    {
        bool found = TryRead(key, out object?[]? output, out _);
        value = !found ? null : output!.Length == 1 ? output[0] : output;
        return found;
    }

    /// <summary>Stores a value. A running computation of it still serves its waiters, but is not kept.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; an array is one value.</param>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    public void Set(object key, object? value)
    {
        ArgumentNullException.ThrowIfNull(key);
        object id = CacheKey.Of(key);
        lock (_lock)
        {
            ThrowIfDisposed();
            _flights.Remove(id);
            Store(id, [value]);
        }
    }

    /// <summary>Removes a value. A running computation of it still serves its waiters, but is not kept.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether it was found.</returns>
    public bool Remove(object key)
    {
        ArgumentNullException.ThrowIfNull(key);
        object id = CacheKey.Of(key);
        lock (_lock)
        {
            _flights.Remove(id);
            return !_disposed && _store.Remove(id);
        }
    }

    /// <summary>Removes all values. Running computations still serve their waiters, but are not kept.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _flights.Clear();
            if (!_disposed)
            {
                _store.Clear();
            }
        }
    }

    /// <summary>Removes all values and cancels the running computations.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            foreach (CacheFlight flight in _flights.Values)
            {
                flight.Cancel();
            }

            _flights.Clear();
            _store.Dispose();
        }
    }

    /// <summary>Looks up a value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="output">The objects that it consists of.</param>
    /// <param name="isStale">Whether it must be computed anew, see <see cref="Refresh"/>.</param>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    internal bool TryRead(object key, [NotNullWhen(true)] out object?[]? output, out bool isStale)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        if (!_store.TryGet(CacheKey.Of(key), out CachedValue? value))
        {
            output = null;
            isStale = false;
            return false;
        }

        isStale = IsStale(value);
        Interlocked.Increment(ref _hits);
        output = value.Output;
        return true;
    }

    /// <summary>
    /// Looks up a value, and computes it if it is missing and not being computed. The token ends the wait, and also the computation when no
    /// caller waits for it any more.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="prepare">Creates the computation, on this thread.</param>
    /// <param name="strand">The strand that waits for the value, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its output, together with the other streams if this call has started the computation.</returns>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    /// <exception cref="DeadlockException">The computation would wait for itself.</exception>
    internal Task<BlockOutput> GetAsync(
        object key,
        Func<CacheFlight, Func<CancellationToken, Task<BlockOutput>>> prepare,
        Strand? strand,
        CancellationToken cancellationToken)
    {
        // A computation that is entered but not started would keep all later callers waiting.
        using Uninterrupted.Region region = Uninterrupted.Begin();
        object id = CacheKey.Of(key);
        CacheFlight? flight;
        bool starts;
        WaitGraph.Wait? wait;
        lock (_lock)
        {
            ThrowIfDisposed();

            // It may have been stored since the caller looked.
            if (_store.TryGet(id, out CachedValue? value))
            {
                Interlocked.Increment(ref _hits);
                return Task.FromResult(new BlockOutput(value.Output, []));
            }

            _misses++;
            starts = !_flights.TryGetValue(id, out flight);
            if (starts)
            {
                _flights.Add(id, flight = new CacheFlight(id, isRefresh: false));
            }

            wait = strand is null ? null : WaitGraph.ForEnd(strand, flight!, () => CacheErrors.CacheWaitsForItself(key));
            flight!.Readers++;
        }

        if (starts)
        {
            try
            {
                Start(flight, prepare);
            }
            catch
            {
                wait?.Dispose();
                throw;
            }
        }

        return WaitAsync(flight, starts, wait, cancellationToken);
    }

    /// <summary>Recomputes a stale value, unless that is already happening. No caller waits for it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="prepare">Creates the computation, on this thread.</param>
    internal void Refresh(object key, Func<CacheFlight, Func<CancellationToken, Task<BlockOutput>>> prepare)
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
        object id = CacheKey.Of(key);
        CacheFlight flight;
        lock (_lock)
        {
            if (_disposed || _flights.ContainsKey(id) || !_store.TryGet(id, out CachedValue? value) || !IsStale(value))
            {
                return;
            }

            _flights.Add(id, flight = new CacheFlight(id, isRefresh: true));
        }

        Start(flight, prepare);
    }

    private void Start(CacheFlight flight, Func<CacheFlight, Func<CancellationToken, Task<BlockOutput>>> prepare)
    {
        try
        {
            _ = RunAsync(flight, prepare(flight)(flight.Token));
        }
        catch (Exception e)
        {
            Failed(flight, e);
            throw;
        }
    }

    private async Task RunAsync(CacheFlight flight, Task<BlockOutput> computation)
    {
        try
        {
            Succeeded(flight, await computation.ConfigureAwait(false));
        }
        catch (Exception e)
        {
            Failed(flight, e);
        }
    }

    private void Succeeded(CacheFlight flight, BlockOutput output)
    {
        lock (_lock)
        {
            LastError = output.Records.LastOrDefault(static record => record.Kind == Concurrency.StreamKind.Error).Data as ErrorRecord
                ?? LastError;
            flight.Dispose();
            if (TryDetach(flight) && !output.HasErrors)
            {
                Store(flight.Key, output.Output);
            }

            // Last, because the counters are read without the lock: a value that is counted must be in the cache.
            Volatile.Write(ref _computed, _computed + 1);
        }

        flight.Succeed(output);
    }

    private void Failed(CacheFlight flight, Exception error)
    {
        lock (_lock)
        {
            TryDetach(flight);
            flight.Dispose();
            if (error is OperationCanceledException)
            {
                error = _disposed ? CacheErrors.CacheDisposed() : error;
            }
            else
            {
                _failures++;
                LastError = Resilience.ErrorCauses.RecordOf(error);
            }
        }

        flight.Fail(error);
    }

    // False when the key was removed meanwhile: then the value must not be kept.
    private bool TryDetach(CacheFlight flight) => _flights.GetValueOrDefault(flight.Key) == flight && _flights.Remove(flight.Key);

    private void Store(object id, object?[] output) => _store.Set(
        id, new CachedValue(output, _options.TimeToLive is null ? long.MaxValue : _options.TimeProvider.GetTimestamp() + _freshTicks));

    private bool IsStale(CachedValue value)
        => value.FreshUntil != long.MaxValue
            && _options.StaleWhileRevalidate > TimeSpan.Zero
            && _options.TimeProvider.GetTimestamp() >= value.FreshUntil;

    private async Task<BlockOutput> WaitAsync(CacheFlight flight, bool started, WaitGraph.Wait? wait, CancellationToken cancellationToken)
    {
        try
        {
            BlockOutput output = await flight.Output.WaitAsync(cancellationToken).ConfigureAwait(false);
            return started
                ? output
                : output with { Records = [.. output.Records.Where(static record => record.Kind == Concurrency.StreamKind.Error)] };
        }
        finally
        {
            wait?.Dispose();
            Leave(flight);
        }
    }

    private void Leave(CacheFlight flight)
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
        lock (_lock)
        {
            flight.Readers--;
            if (flight.Readers > 0 || flight.IsRefresh || flight.HasEnded)
            {
                return;
            }

            TryDetach(flight);
            flight.Cancel();
        }
    }

    private void ThrowIfDisposed()
    {
        if (_disposed)
        {
            throw CacheErrors.CacheDisposed();
        }
    }
}
