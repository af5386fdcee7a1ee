using AsyncPs.Concurrency;
using AsyncPs.Queues;

namespace AsyncPs.Streams;

/// <summary>The queue that an item comes from.</summary>
internal readonly struct QueueOrigin(IAsyncQueue queue, QueueEntry entry) : IItemOrigin
{
    /// <inheritdoc/>
    public IReadOnlyList<object> Sources => [queue];

    /// <inheritdoc/>
    public void Finish()
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
        queue.Finish(entry);
    }

    /// <inheritdoc/>
    public void Fail(ErrorRecord? error)
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
        queue.Fail(entry, error?.ToString());
    }

    /// <inheritdoc/>
    public void Return(bool seen)
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
        if (seen)
        {
            queue.Return(entry, atEnd: false);
        }
        else
        {
            queue.Requeue(entry);
        }
    }
}
