using System.Runtime.ExceptionServices;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Awaiting;
using AsyncPs.Queues;

namespace AsyncPs.Streams;

/// <summary>
/// A source that is read record by record: a stream, a channel, a queue, or several of them. Records are output, or records of the other
/// streams of a producer block.
/// </summary>
internal abstract class StreamSource : IAsyncDisposable
{
    /// <summary>The record of the last <see cref="MoveNextAsync"/>.</summary>
    public StreamRecord Current { get; protected set; }

    /// <summary>Opens several streams as one, whose records come as they arrive. Nothing happens before the first move.</summary>
    /// <param name="streams">The streams, with or without PowerShell's wrappers.</param>
    /// <param name="parameter">The parameter that they were given to.</param>
    /// <param name="stopping">Ends every wait.</param>
    /// <exception cref="ConcurrentArgumentException">A value cannot be read as a stream.</exception>
    public static StreamSource Merge(IEnumerable<object> streams, string parameter, CancellationToken stopping)
    {
        StreamSource[] sources = [.. streams.Select(stream => Open(stream, stopping) ?? throw StreamErrors.NotAStream(parameter, stream))];
        return sources.Length == 1 ? sources[0] : new MergedSource(sources);
    }

    /// <summary>Opens a stream; nothing happens before the first move.</summary>
    /// <param name="stream">The stream, with or without PowerShell's wrapper.</param>
    /// <param name="stopping">Ends every wait.</param>
    /// <returns>Null when it cannot be read as a stream.</returns>
    public static StreamSource? Open(object? stream, CancellationToken stopping) => stream switch
    {
        null => null,
        PSObject wrapped => Open(wrapped.BaseObject, stopping),
        IStreamable streamable => streamable.Open(stopping),
        IAsyncQueue queue => new QueueSource(queue, stopping),
        _ when AsyncStreams.IsAsyncStream(stream.GetType()) => new EnumerableSource(stream, stopping),
        _ => ChannelStreams.TryOpen(stream, stopping),
    };

    /// <summary>Moves to the next record; the reader is done with the current one.</summary>
    /// <returns>False at the end.</returns>
    public abstract ValueTask<bool> MoveNextAsync();

    /// <summary>Notes that the reader is done with the current record, before it moves to the next.</summary>
    public virtual void Finish()
    {
    }

    /// <summary>Puts the current record back where possible, because the reader could not process it.</summary>
    /// <param name="seen">Whether it reached code that could have processed it.</param>
    public virtual void Return(bool seen)
    {
    }

    /// <summary>Passes the current record on: its receiver reports the outcome, and reading continues.</summary>
    /// <returns>The origin, which is notified of the record's outcome; null if records cannot be returned.</returns>
    public virtual IItemOrigin? Detach() => null;

    /// <summary>Registers the reader with the queues until the end of the reading.</summary>
    /// <param name="reader">The reader, as an identity.</param>
    /// <param name="places">How many records it can have at once.</param>
    public virtual void IsReadBy(object reader, int places)
    {
    }

    /// <summary>Ends the reading. Not during a move.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Ends several readings, each even if another one fails to end; then throws the first failure.</summary>
    /// <param name="count">The number of readings.</param>
    /// <param name="end">Ends one.</param>
    private protected static async ValueTask EndAllAsync(int count, Func<int, ValueTask> end)
    {
        ExceptionDispatchInfo? first = null;
        for (int i = 0; i < count; i++)
        {
            try
            {
                await end(i).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                first ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        first?.Throw();
    }

    /// <summary>Waits for a move whose record is no longer wanted.</summary>
    /// <returns>Whether it has brought a record, which must be returned.</returns>
    internal static Task<bool> HasMovedAsync(Task<bool> move) => move.ContinueWith(
        static m => m.IsCompletedSuccessfully && m.Result, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
}
