namespace AsyncPs.Queues;

/// <content>Who reads the queue, as far as that is known: a writer can tell whether the room it waits for may ever come.</content>
public sealed partial class AsyncQueue
{
    private readonly List<(object Reader, int Places)> _knownReaders = [];
    private bool _hasOtherReaders;

    /// <summary>Adds a reader that goes on until it is removed.</summary>
    /// <param name="reader">The reader, as an identity.</param>
    /// <param name="places">How many items it can have at once.</param>
    internal void AddReader(object reader, int places)
    {
        lock (_knownReaders)
        {
            _knownReaders.Add((reader, places));
        }
    }

    /// <summary>A reader reads no more.</summary>
    internal void RemoveReader(object reader)
    {
        lock (_knownReaders)
        {
            _knownReaders.RemoveAll(known => known.Reader == reader);
        }
    }

    /// <summary>Somebody reads now and then, and may do so again.</summary>
    internal void HasOtherReaders() => Volatile.Write(ref _hasOtherReaders, true);

    /// <summary>All readers; none when there may be others than those that are known.</summary>
    internal IReadOnlyList<(object Reader, int Places)> KnownReaders
    {
        get
        {
            lock (_knownReaders)
            {
                return Volatile.Read(ref _hasOtherReaders) ? [] : [.. _knownReaders];
            }
        }
    }
}
