namespace AsyncPs.Pooling;

/// <content>What happens to a pool without its users: it is filled up, what is idle for too long goes, and it ends.</content>
public sealed partial class AsyncPool
{
    /// <summary>Ends the pool, see <see cref="DisposeAsync"/>; objects that are disposed asynchronously are not waited for.</summary>
    public void Dispose()
    {
        Task ending = EndAsync();
        if (ending.IsFaulted)
        {
            ending.GetAwaiter().GetResult();
        }
    }

    /// <summary>
    /// Ends the pool: all who wait for an object get an error, the objects that nobody uses are disposed, the others when they come back.
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

    // Until there are enough, all slots are taken (then whoever gives one back fills up), or one cannot be made.
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
                // It is noted. Whoever needs one gets to know.
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

    // When there is nothing more to do, the next who fills up begins anew.
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
        _timer ??= _options.TimeProvider.CreateTimer(
            static pool => _ = ((AsyncPool)pool!).RemoveOldAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        // Timers count whole milliseconds, and the next one down would be too early.
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
