using AsyncPs.Concurrency;
using AsyncPs.Queues;

namespace AsyncPs.Streams;

/// <summary>Reads a queue. An item is done when the reader moves to the next one.</summary>
internal sealed class QueueSource(IAsyncQueue queue, CancellationToken stopping) : StreamSource
{
    private QueueOrigin _origin;
    private bool _holds;
    private object? _reader;

    /// <inheritdoc/>
    public override async ValueTask<bool> MoveNextAsync()
    {
        Finish();
        if (_reader is null)
        {
            queue.HasOtherReaders();
        }

        ReadResult read = await queue.ReadOrWaitAsync(stopping).ConfigureAwait(false);
        if (read.Outcome == ReadOutcome.Ended)
        {
            return queue.Error is null
                ? false
                : throw new RuntimeException(queue.Error.Message, queue.Error, QueueErrors.QueueFailed(queue));
        }

        _origin = new QueueOrigin(queue, read.Entry);
        _holds = true;
        Current = new StreamRecord(null, StreamKind.Output, read.Entry.Value);
        return true;
    }

    /// <inheritdoc/>
    public override void Finish()
    {
        if (_holds)
        {
            _holds = false;
            _origin.Finish();
        }
    }

    /// <inheritdoc/>
    public override void Return(bool seen)
    {
        if (_holds)
        {
            _holds = false;
            _origin.Return(seen);
        }
    }

    /// <inheritdoc/>
    public override IItemOrigin? Detach()
    {
        _holds = false;
        return _origin;
    }

    /// <inheritdoc/>
    public override void IsReadBy(object reader, int places)
    {
        _reader = reader;
        queue.AddReader(reader, places);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        if (_reader is not null)
        {
            queue.RemoveReader(_reader);
        }

        Finish();
        return default;
    }
}
