using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Streams;

/// <summary>
/// A block that produces elements while somebody else consumes them (an async generator). It runs from the first read on,
/// at most so many elements ahead, and ends with the reading. Each reading runs the block anew.
/// </summary>
public sealed class AsyncStream : IAsyncEnumerable<object?>, IStreamable
{
    private readonly Func<CallerLink, ConcurrentCall> _open;
    private readonly ScriptBlock _block;

    /// <summary>Makes a stream.</summary>
    /// <param name="block">The producer, to show.</param>
    /// <param name="prefetch">How far ahead the producer may be.</param>
    /// <param name="open">Opens the call that runs the producer, for the one that reads.</param>
    internal AsyncStream(ScriptBlock block, int prefetch, Func<CallerLink, ConcurrentCall> open)
    {
        _block = block;
        _open = open;
        Prefetch = prefetch;
    }

    /// <summary>How many elements the producer may be ahead of the consumer.</summary>
    public int Prefetch { get; }

    /// <summary>
    /// Begins to read; the producer starts with the first move. Disposing the enumerator ends it, its <c>finally</c> blocks included.
    /// </summary>
    /// <param name="cancellationToken">Ends the producer.</param>
    public async IAsyncEnumerator<object?> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await using var source = new ProducerSource(_open, cancellationToken);
        while (await source.MoveNextAsync().ConfigureAwait(false))
        {
            if (source.Current.Kind == StreamKind.Output)
            {
                yield return source.Current.Data;
            }
        }
    }

    /// <inheritdoc/>
    StreamSource IStreamable.Open(CancellationToken stopping) => new ProducerSource(_open, stopping);

    /// <inheritdoc/>
    public override string ToString() => _block.ToString().Trim();
}
