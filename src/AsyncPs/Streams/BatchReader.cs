using AsyncPs.Concurrency;

namespace AsyncPs.Streams;

/// <summary>Reads a source batch by batch. Nothing that it has read and not handed over is lost: it goes back where it can.</summary>
/// <param name="source">What is read; it is not disposed with the reader.</param>
/// <param name="size">How many elements a full batch has.</param>
/// <param name="delay">How long the first element of a batch waits for others; null for as long as it takes.</param>
/// <param name="writeOther">Takes what a producer writes besides its output.</param>
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

    /// <summary>The next batch, as soon as it is full, due, or the source has ended.</summary>
    /// <returns>Its elements, and who is to know what becomes of them; null when there are no more.</returns>
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

    /// <summary>Gives back what it has read and not handed over. After the source's waits have ended.</summary>
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
