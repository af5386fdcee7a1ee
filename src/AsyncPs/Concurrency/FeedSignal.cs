namespace AsyncPs.Concurrency;

/// <summary>The feed of a call that waits until an item has ended after which it can go on.</summary>
/// <param name="mayGoOn">Whether it can.</param>
internal sealed class FeedSignal(Func<bool> mayGoOn) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>An item has ended.</summary>
    public void Recheck()
    {
        if (mayGoOn())
        {
            TrySetResult();
        }
    }
}
