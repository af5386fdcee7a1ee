using AsyncPs.Throttling;

namespace AsyncPs.Concurrency;

/// <summary>The permit of a shared limiter that an attempt of an item runs with. An item that has to wait for it holds no worker.</summary>
internal sealed class ItemPermit(WorkItem item, Throttle throttle)
{
    private ThrottleLease _lease;
    private int _taken;

    /// <summary>Takes a permit. If none is there the item is put aside, and comes back to the queue with it.</summary>
    public bool TryTake(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _taken) == 1)
        {
            return true;
        }

        ValueTask<ThrottleLease> acquiring = throttle.AcquireAsync(cancellationToken);
        if (acquiring.IsCompletedSuccessfully)
        {
            Keep(acquiring.Result);
            return true;
        }

        _ = WaitAsync(acquiring);
        return false;
    }

    /// <summary>Gives the permit back, if there is one.</summary>
    public void GiveBack()
    {
        if (Interlocked.Exchange(ref _taken, 0) == 1)
        {
            _lease.Dispose();
        }
    }

    private void Keep(ThrottleLease lease)
    {
        _lease = lease;
        Volatile.Write(ref _taken, 1);
    }

    private async Task WaitAsync(ValueTask<ThrottleLease> acquiring)
    {
        try
        {
            Keep(await acquiring.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            item.End(stopped: true);
            return;
        }
        catch (ObjectDisposedException e)
        {
            try
            {
                await item.WriteAsync(StreamKind.Error, ItemErrors.FromException(e, item)).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The call is being stopped.
            }

            item.End(stopped: false);
            return;
        }

        item.Call.Resume(item);
    }
}
