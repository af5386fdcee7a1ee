namespace AsyncPs.Concurrency;

/// <summary>Completes when a call's feed can continue, which may be after any item has ended.</summary>
/// <param name="mayGoOn">Whether the feed can continue.</param>
internal sealed class FeedSignal(Func<bool> mayGoOn) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>Checks the condition again, because an item has ended.</summary>
    public void Recheck()
    {
        if (mayGoOn())
        {
            TrySetResult();
        }
    }
}
