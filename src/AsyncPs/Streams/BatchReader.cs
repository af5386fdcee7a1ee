using AsyncPs.Concurrency;

namespace AsyncPs.Streams;

/// <summary>Reads a source in batches. Elements that it has read and not passed on are returned to the source where possible.</summary>
/// <param name="source">The source, which is not disposed with the reader.</param>
/// <param name="size">The size of a full batch.</param>
/// <param name="delay">How long the first element of a batch waits for others; null waits without limit.</param>
/// <param name="writeOther">Receives the records of a producer that are not output.</param>
/// <param name="timeProvider">The clock. Default: the system's.</param>
internal sealed class BatchReader(
    StreamSource source,
    int size,
    TimeSpan? delay,
    Func<StreamRecord, ValueTask> writeOther,
    TimeProvider? timeProvider = null) : IAsyncDisposable
{
    private readonly ItemBatch _batch = new(size, delay, timeProvider);
    private Task<bool>? _move;
    private bool _ended;

    /// <summary>Reads the next batch, which ends when it is full, due, or the source has ended.</summary>
    /// <returns>Its elements and their origin; null when there are no more.</returns>
    public async ValueTask<(object?[] Elements, IItemOrigin? Origin)?> NextAsync()
    {
        while (!_ended && !_batch.IsFull)
        {
            _move ??= source.MoveNextAsync().AsTask();
            if (!await _batch.IsInTimeAsync(_move).ConfigureAwait(false))
            {
                break;
            }

            _ended = !await _move.ConfigureAwait(false);
            _move = null;
            if (!_ended)
            {
                await TakeElementAsync().ConfigureAwait(false);
            }
        }

        return _batch.IsEmpty ? null : _batch.Take();
    }

    /// <summary>Returns the records that it has read and not passed on. Called after the source's waits have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_move is { } move && await StreamSource.HasMovedAsync(move).ConfigureAwait(false))
        {
            source.Return(seen: false);
        }

        _batch.Return();
    }

    private async ValueTask TakeElementAsync()
    {
        if (source.Current.Kind == StreamKind.Output)
        {
            _batch.Add(source.Current.Data, source.Detach());
        }
        else
        {
            await writeOther(source.Current).ConfigureAwait(false);
        }
    }
}
