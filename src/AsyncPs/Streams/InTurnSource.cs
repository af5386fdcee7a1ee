using AsyncPs.Concurrency;

namespace AsyncPs.Streams;

/// <summary>Reads several sources in turn, one record of each, without those that have ended.</summary>
internal sealed class InTurnSource(StreamSource[] sources) : StreamSource
{
    private readonly List<StreamSource> _open = [.. sources];
    private int _turn;
    private StreamSource? _last;

    /// <inheritdoc/>
    public override async ValueTask<bool> MoveNextAsync()
    {
        _last?.Finish();
        while (_open.Count > 0)
        {
            _turn %= _open.Count;
            StreamSource source = _open[_turn];
            if (await source.MoveNextAsync().ConfigureAwait(false))
            {
                // Records of a producer that are not output do not use up its turn.
                _turn += source.Current.Kind == StreamKind.Output ? 1 : 0;
                _last = source;
                Current = source.Current;
                return true;
            }

            _open.RemoveAt(_turn);
        }

        return false;
    }

    /// <inheritdoc/>
    public override void Finish() => _last?.Finish();

    /// <inheritdoc/>
    public override void Return(bool seen) => _last?.Return(seen);

    /// <inheritdoc/>
    public override IItemOrigin? Detach() => _last?.Detach();

    /// <inheritdoc/>
    public override void IsReadBy(object reader, int places) => Array.ForEach(sources, source => source.IsReadBy(reader, places));

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => EndAllAsync(sources.Length, i => sources[i].DisposeAsync());
}
