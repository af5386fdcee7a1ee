namespace AsyncPs.Concurrency;

/// <content>
/// What an item holds of its call: the element of a queue or stream it was made of, its registration as put aside, its place in the order
/// and its place under the limit. Whatever way an item ends, all of it is returned here.
/// </content>
internal sealed partial class ConcurrentCall
{
    /// <summary>Notes that an item has ended, and returns what it holds.</summary>
    /// <param name="item">The item.</param>
    /// <param name="interrupted">Whether the call, not the item, is the reason for its end.</param>
    public void Finish(WorkItem item, bool interrupted)
    {
        Release(item, interrupted);
        if (_window is null)
        {
            FreePlace();
        }
        else
        {
            _ = FinishInOrderAsync(item);
        }
    }

    // The item has not run. It waits for a place and has none.
    private void Drop(WorkItem item)
    {
        Release(item, interrupted: true);
        if (Options.AsResult)
        {
            Accept(new StreamRecord(item, StreamKind.Output, new ItemState(item).Result(ConcurrentStatus.Canceled)));
        }

        if (_window is not null)
        {
            Accept(new StreamRecord(item, StreamKind.Completed, null));
        }

        Interlocked.Increment(ref _finished);
    }

    private void Release(WorkItem item, bool interrupted)
    {
        if (interrupted)
        {
            item.Origin?.Return(item.HasStarted);
        }
        else if (item.Failed || item.State is { IsTimedOut: true })
        {
            item.Origin?.Fail(item.LastError);
        }
        else
        {
            item.Origin?.Finish();
        }

        ForgetAside(item);
        if (item is { HasStarted: false, Failed: false })
        {
            Interlocked.Increment(ref _dropped);
        }

        if (item.Failed)
        {
            Interlocked.Increment(ref _failed);
        }
    }

    private async Task FinishInOrderAsync(WorkItem item)
    {
        await TryWriteAsync(new StreamRecord(item, StreamKind.Completed, null)).ConfigureAwait(false);
        FreePlace();
    }

    private void FreePlace()
    {
        long finished = Interlocked.Increment(ref _finished);
        Queue.Release();
        LiveCalls.SomethingEnded();
        Volatile.Read(ref _feedSignal)?.Recheck();
        if (Volatile.Read(ref _complete) && finished == Volatile.Read(ref _added))
        {
            Output.WakeUp();
        }
    }
}
