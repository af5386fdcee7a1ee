namespace AsyncPs.Concurrency;

/// <content>Input that comes by itself, on no thread of its own: a feed adds items as there are places for them.</content>
internal sealed partial class ConcurrentCall
{
    private bool _feeding;
    private Task _feed = Task.CompletedTask;
    private FeedSignal? _feedSignal;

    /// <summary>Whether items come from a feed, be it that it has ended.</summary>
    public bool IsFed { get; private set; }

    /// <summary>
    /// Starts a feed, which adds items with <see cref="TryAdd"/>, each after <see cref="WaitForPlaceAsync"/>. The call ends when the
    /// feed and all items have ended; what the feed has failed with ends it then. Once, and nothing else may add items.
    /// </summary>
    /// <param name="feed">The feed. Its token is canceled when no more items are wanted.</param>
    public void Feed(Func<CancellationToken, Task> feed)
    {
        IsFed = true;
        Volatile.Write(ref _feeding, true);
        _feed = Task.Run(() => RunFeedAsync(feed));
    }

    /// <summary>Waits until an item would be run at once, or is so short that it may as well wait.</summary>
    /// <exception cref="OperationCanceledException">No more items are wanted.</exception>
    public ValueTask WaitForPlaceAsync()
        => !IsCanceling && Queue.HasPlace ? default : WaitForItemsAsync(() => Queue.HasPlaceAgain);

    private bool IsCanceling => CancellationToken.IsCancellationRequested;

    private async Task RunFeedAsync(Func<CancellationToken, Task> feed)
    {
        try
        {
            await feed(CancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (IsCanceling)
        {
            // No more items are wanted.
        }
        catch (Exception e)
        {
            await FailAfterItemsAsync(e).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _feeding, false);
            Output.WakeUp();
        }
    }

    private async Task FailAfterItemsAsync(Exception error)
    {
        try
        {
            await WaitForItemsAsync(AllHaveEnded).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await TryWriteAsync(new StreamRecord(null, StreamKind.Fatal, error)).ConfigureAwait(false);
    }

    private async ValueTask WaitForItemsAsync(Func<bool> mayGoOn)
    {
        await SignalWhen(mayGoOn).Task.WaitAsync(CancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _feedSignal, null);
    }

    private bool AllHaveEnded() => Volatile.Read(ref _finished) == Volatile.Read(ref _added);

    // After a call was stopped: what has never started, what waits to be resumed with all that it holds, and what was awaited outside any
    // worker and is just being told.
    private void EndRest()
    {
        _feed.Wait();
        EndResumed();
        while (Queue.TryDrop(out WorkItem? item))
        {
            item.End(stopped: true);
        }

        SignalWhen(AllHaveEnded).Task.Wait(StopTimes.Grace);
    }

    private FeedSignal SignalWhen(Func<bool> mayGoOn)
    {
        var wait = new FeedSignal(mayGoOn);

        // Who ends an item looks for the wait afterwards; this looks at the items after the wait is there.
        Interlocked.Exchange(ref _feedSignal, wait);
        wait.Recheck();
        return wait;
    }
}
