using AsyncPs.Blocks;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Isolation;

namespace AsyncPs.Caching;

/// <summary>
/// Keeps what was computed, by key, for a time. However many ask for a key that is not there, it is computed once, and all of them get the
/// result; what fails is not kept. All members are safe for any thread and any runspace.
/// </summary>
public sealed partial class AsyncCache : IDisposable
{
    private readonly object _lock = new();
    private readonly Dictionary<object, CacheFlight> _flights = [];
    private readonly CacheOptions _options;
    private readonly ICacheStore _store;
    private readonly long _freshTicks;
    private volatile bool _disposed;

    /// <summary>Makes an empty cache.</summary>
    internal AsyncCache(CacheOptions options)
    {
        _options = options;
        _store = DependencyLoader.Get<ICacheStores>().Create(options);
        _freshTicks = options.TimeToLive is { } time ? (long)(time.TotalSeconds * options.TimeProvider.TimestampFrequency) : 0;
    }

    /// <summary>How long a value is fresh; null for ever.</summary>
    public TimeSpan? TimeToLive => _options.TimeToLive;

    /// <summary>How long a value is kept without being read; null for ever.</summary>
    public TimeSpan? SlidingExpiration => _options.SlidingExpiration;

    /// <summary>How many values there may be; those that were not read for the longest time make room.</summary>
    public int MaxCount => _options.MaxCount;

    /// <summary>How long a value that is not fresh any more still serves while it is computed anew.</summary>
    public TimeSpan StaleWhileRevalidate => _options.StaleWhileRevalidate;

    /// <summary>Looks a value up, and computes nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; several objects as an array.</param>
    /// <returns>Whether it was there.</returns>
    public bool TryGet(object key, out object? value)
    {
        bool found = TryRead(key, out object?[]? output, out _);
        value = !found ? null : output!.Length == 1 ? output[0] : output;
        return found;
    }

    /// <summary>Stores a value. A computation of it that is under way still serves those who wait for it, and is not kept.</summary>
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

    /// <summary>Removes a value. A computation of it that is under way still serves those who wait for it, and is not kept.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether it was there.</returns>
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

    /// <summary>Removes all values. Computations that are under way still serve those who wait for them, and are not kept.</summary>
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

    /// <summary>Removes all values, and ends the computations that are under way.</summary>
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

    /// <summary>Looks a value up.</summary>
    /// <param name="key">The key.</param>
    /// <param name="output">The objects that it consists of.</param>
    /// <param name="isStale">Whether it is to be computed anew, see <see cref="Refresh"/>.</param>
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
    /// Looks a value up, and computes it if it is not there, unless somebody does already. CancellationToken ends the waiting, and the
    /// computation when nobody waits for it any more.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="prepare">Makes the computation, on this thread.</param>
    /// <param name="strand">Who waits for the value, or null for nobody in particular.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What it has written, the other streams too if this has started it.</returns>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    /// <exception cref="DeadlockException">The computation would wait for itself.</exception>
    internal Task<BlockOutput> GetAsync(
        object key,
        Func<CacheFlight, Func<CancellationToken, Task<BlockOutput>>> prepare,
        Strand? strand,
        CancellationToken cancellationToken)
    {
        object id = CacheKey.Of(key);
        CacheFlight? flight;
        bool starts;
        WaitGraph.Wait? wait;
        lock (_lock)
        {
            ThrowIfDisposed();

            // It may have come since the caller looked.
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

    /// <summary>Has a stale value computed anew, unless that is being done. Nobody waits for it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="prepare">Makes the computation, on this thread.</param>
    internal void Refresh(object key, Func<CacheFlight, Func<CancellationToken, Task<BlockOutput>>> prepare)
    {
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
            _computed++;
            LastError = output.Records.LastOrDefault(static record => record.Kind == Concurrency.StreamKind.Error).Data as ErrorRecord
                ?? LastError;
            flight.Dispose();
            if (TryDetach(flight) && !output.HasErrors)
            {
                Store(flight.Key, output.Output);
            }
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

    // False when it was removed meanwhile: then nobody wants it kept.
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
