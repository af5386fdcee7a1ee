using AsyncPs.Concurrency.Measuring;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Throttling;

namespace AsyncPs.Concurrency;

/// <summary>
/// The permits that an attempt of an item runs with: one of the call's own limiter and one of a shared limiter. An item that waits for
/// them holds no worker.
/// </summary>
/// <param name="item">The item.</param>
/// <param name="own">The limiter of this call's items, or null.</param>
/// <param name="shared">The shared limiter, or null.</param>
internal sealed class ItemPermit(WorkItem item, Throttle? own, Throttle? shared)
{
    private readonly object _lock = new();
    private ThrottleLease _ownLease;
    private ThrottleLease _sharedLease;
    private bool _taken;
    private bool _closed;
    private WaitGraph.Wait? _waiting;
    private int _request;
    private int _waits;
    private long _askedAt;

    /// <summary>
    /// When the item began to wait for its permits, in milliseconds of <see cref="Environment.TickCount64"/>; 0 while it does not.
    /// </summary>
    public long AskedAt => Volatile.Read(ref _askedAt);

    /// <summary>The limiter that has no permit left: the call's own or the shared one.</summary>
    public Throttle? Lacking => own is { IsOpen: false } || shared is null ? own : shared;

    /// <summary>Takes the permits. If one is missing, the item is put aside and returns to the queue once it has them.</summary>
    public bool TryTake(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _taken))
        {
            return true;
        }

        int request = Volatile.Read(ref _request);
        ValueTask<bool> acquiring = BeginAcquire(request, cancellationToken);
        if (acquiring.IsCompletedSuccessfully)
        {
            Interlocked.Exchange(ref _waiting, null)?.Dispose();
            return true;
        }

        Volatile.Write(ref _askedAt, Environment.TickCount64);
        item.Call.PutAside(item);
        _ = WaitAsync(request, acquiring, MeasuredBy(item.Call.Options.Statistics));
        return false;
    }

    /// <summary>Whether the item holds a permit of this limiter and it is the shared one.</summary>
    public bool IsOf(object limiter) => shared == limiter && Volatile.Read(ref _taken);

    /// <summary>Whether the item holds a permit of this limiter, own or shared.</summary>
    public bool Has(object limiter) => (shared == limiter || own == limiter) && Volatile.Read(ref _taken);

    /// <summary>Returns the permits, if the item holds them.</summary>
    public void Return()
    {
        ThrottleLease ownLease;
        ThrottleLease sharedLease;
        lock (_lock)
        {
            if (!_taken)
            {
                return;
            }

            _taken = false;
            (ownLease, sharedLease) = (_ownLease, _sharedLease);
            _ownLease = _sharedLease = default;
        }

        sharedLease.Dispose();
        ownLease.Dispose();
    }

    /// <summary>Ends the use of permits with the item: a permit that a losing attempt still asks for is not kept.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }

        Return();
    }

    /// <summary>Lets the item run without the permits that it waits for.</summary>
    /// <returns>False if it does not wait for them.</returns>
    public bool TryWaive()
    {
        lock (_lock)
        {
            if (_taken)
            {
                return false;
            }

            _request++;
            return _taken = true;
        }
    }

    /// <summary>
    /// Returns the permits while the item waits for another one, which may need them. On the thread that runs the item.
    /// </summary>
    public void BeginWait()
    {
        if (Interlocked.Increment(ref _waits) == 1)
        {
            Return();
        }
    }

    /// <summary>
    /// Ends the wait: the task ends when the item has its permits again. It does not ask a rate again, because the item runs already.
    /// </summary>
    /// <param name="cancellationToken">Canceled when the item is to end.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public Task EndWaitAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Decrement(ref _waits) > 0 || cancellationToken.IsCancellationRequested)
        {
            return Task.CompletedTask;
        }

        ValueTask<bool> acquiring = AcquireAsync(Volatile.Read(ref _request), tokenToo: false, cancellationToken);
        return acquiring.IsCompletedSuccessfully ? Task.CompletedTask : WaitAsync(acquiring);
    }

    private async Task WaitAsync(ValueTask<bool> acquiring)
    {
        using var wait = new NotedWait(item, WaitNote.Begin(WaitKind.Permit, Lacking));
        using var time = new MeasuredTime(MeasuredBy(item.Call.Options.Statistics));
        await acquiring.ConfigureAwait(false);
    }

    // A permit that can never come fails like one of a disposed limiter.
    private ValueTask<bool> BeginAcquire(int request, CancellationToken cancellationToken)
    {
        try
        {
            _waiting = shared?.Limit is { } limit
                ? WaitGraph.ForPlace(item, shared, limit, () => CallErrors.ThrottleWaitsForItself(shared))
                : null;
        }
        catch (DeadlockException e)
        {
            return ValueTask.FromException<bool>(e);
        }

        return AcquireAsync(request, tokenToo: true, cancellationToken);
    }

    // The own permit first: a shared one that waited for it would be missing elsewhere. False if they are no longer wanted.
    private async ValueTask<bool> AcquireAsync(int request, bool tokenToo, CancellationToken cancellationToken)
    {
        ThrottleLease ownLease = own is null ? default : await own.AcquireAsync(tokenToo, cancellationToken).ConfigureAwait(false);
        ThrottleLease sharedLease;
        try
        {
            sharedLease = shared is null ? default : await shared.AcquireAsync(tokenToo, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            ownLease.Dispose();
            throw;
        }

        bool wanted;
        lock (_lock)
        {
            wanted = request == _request && !_closed;
            if (wanted && !_taken)
            {
                (_ownLease, _sharedLease) = (ownLease, sharedLease);
                return _taken = true;
            }
        }

        // Another attempt at the item got the permits for both.
        sharedLease.Dispose();
        ownLease.Dispose();
        return wanted;
    }

    // The limit of jobs is a limiter of their own.
    private TimeSum? MeasuredBy(ConcurrentStatistics? statistics)
        => statistics is null ? null : Lacking == own ? statistics.Limit : statistics.Permit;

    private async Task WaitAsync(int request, ValueTask<bool> acquiring, TimeSum? waited)
    {
        using var time = new MeasuredTime(waited);
        try
        {
            if (!await acquiring.ConfigureAwait(false))
            {
                return;
            }
        }
        catch (Exception) when (request != Volatile.Read(ref _request))
        {
            return;
        }
        catch (OperationCanceledException)
        {
            item.End(stopped: true);
            return;
        }
        catch (Exception e) when (e is ObjectDisposedException or DeadlockException)
        {
            try
            {
                await item.FailAsync(e).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The call is being stopped.
            }

            item.End(stopped: false);
            return;
        }
        finally
        {
            Volatile.Write(ref _askedAt, 0);
            Interlocked.Exchange(ref _waiting, null)?.Dispose();
        }

        item.Call.Resume(item);
    }
}
