namespace AsyncPs.Concurrency;

/// <content>Input from a feed, which adds items when there is room and holds no thread.</content>
internal sealed partial class ConcurrentCall
{
    private bool _feeding;
    private Task _feed = Task.CompletedTask;
    private FeedSignal? _feedSignal;

    /// <summary>Whether items come from a feed, including one that has ended.</summary>
    public bool IsFed { get; private set; }

    /// <summary>
    /// Starts a feed, which adds items with <see cref="TryAdd"/>, each after <see cref="WaitForPlaceAsync"/>. The call ends when the
    /// feed and all items have ended, and fails if the feed fails. Call it once; nothing else may add items.
    /// </summary>
    /// <param name="feed">The feed. Its token is canceled when no more items are wanted.</param>
    public void Feed(Func<CancellationToken, Task> feed)
    {
        IsFed = true;
        Volatile.Write(ref _feeding, true);
        _feed = Task.Run(() => RunFeedAsync(feed));
    }

    /// <summary>Waits until an item would run at once, or after a wait so short that it can be queued.</summary>
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

    // After a stop, some items never start, some hold resources while they wait to be resumed, and some were awaited outside any
    // worker and are just being told.
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

        // Code that ends an item looks for the signal afterwards, so this code looks at the items after it has set the signal.
        Interlocked.Exchange(ref _feedSignal, wait);
        wait.Recheck();
        return wait;
    }
}
