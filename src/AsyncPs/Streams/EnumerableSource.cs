using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Awaiting;

namespace AsyncPs.Streams;

/// <summary>Reads an <see cref="IAsyncEnumerable{T}"/>. Its waits end with the token, whether or not the stream observes it.</summary>
internal sealed class EnumerableSource(object stream, CancellationToken stopping) : StreamSource
{
    private IAsyncEnumerator<object?>? _enumerator;
    private Task<bool>? _move;

    /// <inheritdoc/>
    public override async ValueTask<bool> MoveNextAsync()
    {
        stopping.ThrowIfCancellationRequested();
        _enumerator ??= AsyncStreams.Enumerate(stream, stopping);
        if (!await MoveAsync().ConfigureAwait(false))
        {
            return false;
        }

        Current = new StreamRecord(null, StreamKind.Output, _enumerator.Current);
        return true;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_enumerator is null)
        {
            return;
        }

        if (_move is { IsCompleted: false } move
            && await Task.WhenAny(move, Task.Delay(StopTimes.Grace, CancellationToken.None)).ConfigureAwait(false) != move)
        {
            // It must not be disposed during a move. It is disposed when the move ends, for which nothing waits.
            _ = DisposeAfterAsync(move, _enumerator);
            return;
        }

        await _enumerator.DisposeAsync().ConfigureAwait(false);
    }

    private ValueTask<bool> MoveAsync()
    {
        ValueTask<bool> move = _enumerator!.MoveNextAsync();
        if (move.IsCompleted)
        {
            _move = null;
            return move;
        }

        _move = move.AsTask();
        return new ValueTask<bool>(_move.WaitAsync(stopping));
    }

    private static async Task DisposeAfterAsync(Task move, IAsyncEnumerator<object?> enumerator)
    {
        move.Forget();
        await move.WhenEnded().ConfigureAwait(false);
        await enumerator.DisposeAsync().ConfigureAwait(false);
    }
}
