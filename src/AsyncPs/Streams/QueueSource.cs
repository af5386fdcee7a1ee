using AsyncPs.Concurrency;
using AsyncPs.Queues;

namespace AsyncPs.Streams;

/// <summary>Reads a queue; an item is done when the reader goes on to the next.</summary>
internal sealed class QueueSource(AsyncQueue queue, CancellationToken stopping) : StreamSource
{
    private QueueEntry _entry;
    private bool _holds;

    /// <inheritdoc/>
    public override async ValueTask<bool> MoveNextAsync()
    {
        Finish();
        ReadResult read = await queue.ReadOrWaitAsync(stopping).ConfigureAwait(false);
        if (read.Outcome == ReadOutcome.Ended)
        {
            return queue.Error is null ? false : throw new RuntimeException(queue.Error.Message, queue.Error, Errors.QueueFailed(queue));
        }

        _entry = read.Entry;
        _holds = true;
        Current = new StreamRecord(null, StreamKind.Output, _entry.Value);
        return true;
    }

    /// <inheritdoc/>
    public override void Finish()
    {
        if (_holds)
        {
            _holds = false;
            queue.Finish();
        }
    }

    /// <inheritdoc/>
    public override void GiveBack(bool seen)
    {
        if (!_holds)
        {
            return;
        }

        _holds = false;
        if (seen)
        {
            queue.Return(_entry, atEnd: false);
        }
        else
        {
            queue.TakeBack(_entry);
        }
    }

    /// <inheritdoc/>
    public override IItemOrigin? Detach()
    {
        _holds = false;
        return new QueueOrigin(queue, _entry);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        Finish();
        return default;
    }
}
