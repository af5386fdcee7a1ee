namespace AsyncPs.Pooling;

/// <content>The maintenance of a pool: it is filled up, objects that are idle too long are removed, and it ends.</content>
public sealed partial class AsyncPool
{
    /// <summary>Ends the pool, see <see cref="DisposeAsync"/>, without waiting for objects that are disposed asynchronously.</summary>
    public void Dispose()
    {
        Task ending = EndAsync();
        if (ending.IsFaulted)
        {
            ending.GetAwaiter().GetResult();
        }
    }

    /// <summary>
    /// Ends the pool: callers that wait for an object get an error, unused objects are disposed, and the others when they are returned.
    /// </summary>
    public ValueTask DisposeAsync() => new(EndAsync());

    private async Task EndAsync()
    {
        (object Value, long Since)[] idle;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            idle = [.. _idle];
            _idle.Clear();
            _timer?.Dispose();
        }

        _slots.Dispose();
        _ = _end.CancelAsync();
        foreach ((object value, _) in idle)
        {
            await DestroyAsync(value).ConfigureAwait(false);
        }
    }

    private void FillUp()
    {
        lock (_lock)
        {
            if (_filling || _disposed || _live >= _options.MinSize)
            {
                return;
            }

            _filling = true;
        }

        _ = FillUpAsync();
    }

    // Until there are enough, all slots are taken (then a caller that returns one fills up), or an object cannot be created.
    private async Task FillUpAsync()
    {
        bool goesOn = true;
        while (goesOn && TryTakeSlotToFill(out IDisposable? slot))
        {
            try
            {
                object value = await MakeAsync(CancellationToken.None).ConfigureAwait(false);
                if (!TryKeep(value))
                {
                    await DestroyAsync(value).ConfigureAwait(false);
                }
            }
            catch (Exception)
            {
                // The error is noted. A caller that needs an object will get it.
                StopFilling();
                goesOn = false;
            }
            finally
            {
                slot.Dispose();
            }
        }
    }

    private void StopFilling()
    {
        lock (_lock)
        {
            _filling = false;
        }
    }

    // When nothing is left to do, the next caller that fills up starts anew.
    private bool TryTakeSlotToFill([NotNullWhen(true)] out IDisposable? slot)
    {
        lock (_lock)
        {
            slot = _disposed || _live >= _options.MinSize ? null : _slots.TryAcquire();
            _filling = slot is not null;
            return _filling;
        }
    }

    // Under the lock.
    private void SetTimer()
    {
        if (_options.IdleTimeout is not { } time || _disposed || _idle.Count == 0 || _live <= _options.MinSize)
        {
            return;
        }

        TimeSpan due = time - _options.TimeProvider.GetElapsedTime(_idle[0].Since);
        _timer ??= Guarded.Timer(_options.TimeProvider, () => _ = RemoveOldAsync());

        // Timers count whole milliseconds, and rounding down would be too early.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(due.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    private async Task RemoveOldAsync()
    {
        while (TryTakeOld(out object? old, out IDisposable? slot))
        {
            await DestroyAsync(old).ConfigureAwait(false);
            slot.Dispose();
        }

        lock (_lock)
        {
            SetTimer();
        }
    }

    private bool TryTakeOld([NotNullWhen(true)] out object? old, [NotNullWhen(true)] out IDisposable? slot)
    {
        old = null;
        slot = null;
        lock (_lock)
        {
            if (_disposed || _idle.Count == 0 || _live <= _options.MinSize
                || _options.TimeProvider.GetElapsedTime(_idle[0].Since) < _options.IdleTimeout!.Value
                || _slots.TryAcquire() is not { } taken)
            {
                return false;
            }

            slot = taken;
            old = _idle[0].Value;
            _idle.RemoveAt(0);
            return true;
        }
    }
}
