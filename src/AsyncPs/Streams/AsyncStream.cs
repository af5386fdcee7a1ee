using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Streams;

/// <summary>
/// A block that produces elements while a consumer reads them (an async generator). It starts with the first read, runs ahead by a
/// limited number of elements, and ends with the reading. Each enumeration runs the block again.
/// </summary>
public sealed class AsyncStream : IAsyncEnumerable<object?>, IStreamable
{
    private readonly Func<CallerLink, ConcurrentCall> _open;
    private readonly ScriptBlock _block;

    /// <summary>Creates a stream.</summary>
    /// <param name="block">The producer, for display.</param>
    /// <param name="prefetch">How far ahead the producer may be.</param>
    /// <param name="open">Opens the call that runs the producer, for a reader.</param>
    internal AsyncStream(ScriptBlock block, int prefetch, Func<CallerLink, ConcurrentCall> open)
    {
        _block = block;
        _open = open;
        Prefetch = prefetch;
    }

    /// <summary>How many elements the producer may be ahead of the consumer.</summary>
    public int Prefetch { get; }

    /// <summary>
    /// Starts to read; the producer starts with the first element. Disposing the enumerator ends the producer, <c>finally</c> blocks
    /// included.
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
