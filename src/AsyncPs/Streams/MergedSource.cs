using AsyncPs.Concurrency;

namespace AsyncPs.Streams;

/// <summary>Reads several sources at the same time, in the order in which records arrive.</summary>
internal sealed class MergedSource(StreamSource[] sources) : StreamSource
{
    private readonly Task<bool>?[] _moves = new Task<bool>?[sources.Length];
    private readonly bool[] _ended = new bool[sources.Length];
    private int _last = sources.Length - 1;

    /// <inheritdoc/>
    public override async ValueTask<bool> MoveNextAsync()
    {
        while (true)
        {
            for (int i = 0; i < sources.Length; i++)
            {
                if (!_ended[i])
                {
                    _moves[i] ??= sources[i].MoveNextAsync().AsTask();
                }
            }

            if (Array.TrueForAll(_moves, static move => move is null))
            {
                return false;
            }

            await Task.WhenAny(_moves.OfType<Task<bool>>()).ConfigureAwait(false);
            int ready = NextReady();
            Task<bool> move = _moves[ready]!;
            _moves[ready] = null;
            _ended[ready] = true;
            if (await move.ConfigureAwait(false))
            {
                _ended[ready] = false;
                _last = ready;
                Current = sources[ready].Current;
                return true;
            }
        }
    }

    /// <inheritdoc/>
    public override void Finish() => sources[_last].Finish();

    /// <inheritdoc/>
    public override void Return(bool seen) => sources[_last].Return(seen);

    /// <inheritdoc/>
    public override IItemOrigin? Detach() => sources[_last].Detach();

    /// <inheritdoc/>
    public override void IsReadBy(object reader, int places) => Array.ForEach(sources, source => source.IsReadBy(reader, places));

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => EndAllAsync(sources.Length, EndAsync);

    private async ValueTask EndAsync(int i)
    {
        // A source with a record that was not read.
        if (_moves[i] is { } move && await HasMovedAsync(move).ConfigureAwait(false))
        {
            sources[i].Return(seen: false);
        }

        await sources[i].DisposeAsync().ConfigureAwait(false);
    }

    // Starts after the last one, so that a busy source does not starve the others.
    private int NextReady()
    {
        int i = _last;
        do
        {
            i = (i + 1) % sources.Length;
        }
        while (_moves[i] is not { IsCompleted: true });

        return i;
    }
}
