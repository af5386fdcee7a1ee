using System.Runtime.ExceptionServices;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Awaiting;
using AsyncPs.Queues;

namespace AsyncPs.Streams;

/// <summary>
/// Something that is being read, one record after another, whatever it is: a stream, a channel, a queue, several of them. Records
/// are output, or what a producer block has written to the other streams.
/// </summary>
internal abstract class StreamSource : IAsyncDisposable
{
    /// <summary>The record that <see cref="MoveNextAsync"/> has brought.</summary>
    public StreamRecord Current { get; protected set; }

    /// <summary>Begins to read several as one: as they come. Nothing happens before the first move.</summary>
    /// <param name="streams">What to read, possibly in PowerShell's wrappers.</param>
    /// <param name="parameter">Whose value it is.</param>
    /// <param name="stopping">Ends every wait.</param>
    /// <exception cref="ConcurrentArgumentException">Something cannot be read so.</exception>
    public static StreamSource Merge(IEnumerable<object> streams, string parameter, CancellationToken stopping)
    {
        StreamSource[] sources = [.. streams.Select(stream => Open(stream, stopping) ?? throw StreamErrors.NotAStream(parameter, stream))];
        return sources.Length == 1 ? sources[0] : new MergedSource(sources);
    }

    /// <summary>Begins to read; nothing happens before the first move.</summary>
    /// <param name="stream">What to read, possibly in PowerShell's wrapper.</param>
    /// <param name="stopping">Ends every wait.</param>
    /// <returns>Null when it is nothing that can be read so.</returns>
    public static StreamSource? Open(object? stream, CancellationToken stopping) => stream switch
    {
        null => null,
        PSObject wrapped => Open(wrapped.BaseObject, stopping),
        IStreamable streamable => streamable.Open(stopping),
        IAsyncQueue queue => new QueueSource(queue, stopping),
        _ when AsyncStreams.IsAsyncStream(stream.GetType()) => new EnumerableSource(stream, stopping),
        _ => ChannelStreams.TryOpen(stream, stopping),
    };

    /// <summary>Goes on to the next record: the reader is done with the current one.</summary>
    /// <returns>False at the end.</returns>
    public abstract ValueTask<bool> MoveNextAsync();

    /// <summary>The reader is done with the current record, and does not go on to the next yet.</summary>
    public virtual void Finish()
    {
    }

    /// <summary>The reader could not deal with the current record: where it can be put back, it is.</summary>
    /// <param name="seen">Whether it got as far as somebody who could have dealt with it.</param>
    public virtual void Return(bool seen)
    {
    }

    /// <summary>Hands the current record on: whoever gets it says what becomes of it, and the reading goes on meanwhile.</summary>
    /// <returns>Who is to know how it ends; null when nothing can be put back.</returns>
    public virtual IItemOrigin? Detach() => null;

    /// <summary>Tells queues who reads them until the end of the reading.</summary>
    /// <param name="reader">The reader, as an identity.</param>
    /// <param name="places">How many records it can have at once.</param>
    public virtual void IsReadBy(object reader, int places)
    {
    }

    /// <summary>Ends the reading. Not while a move is under way.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Ends several readings, each be it that another cannot be ended; then throws what the first has failed with.</summary>
    /// <param name="count">How many.</param>
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

    /// <summary>Waits for a move that nobody wants any more.</summary>
    /// <returns>Whether it has brought a record, which is to be given back.</returns>
    internal static Task<bool> HasMovedAsync(Task<bool> move) => move.ContinueWith(
        static m => m.IsCompletedSuccessfully && m.Result, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
}
