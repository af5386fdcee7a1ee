namespace AsyncPs.Queues;

/// <content>The known readers of the queue, which tell a writer whether the room that it waits for can ever come.</content>
public sealed partial class AsyncQueue
{
    private readonly List<(object Reader, int Places)> _knownReaders = [];
    private bool _hasOtherReaders;

    /// <summary>Adds a reader that reads until it is removed.</summary>
    /// <param name="reader">The reader, as an identity.</param>
    /// <param name="places">How many items it can have at once.</param>
    internal void AddReader(object reader, int places)
    {
        lock (_knownReaders)
        {
            _knownReaders.Add((reader, places));
        }
    }

    /// <summary>Removes a reader.</summary>
    internal void RemoveReader(object reader)
    {
        lock (_knownReaders)
        {
            _knownReaders.RemoveAll(known => known.Reader == reader);
        }
    }

    /// <summary>Notes that there is a reader that reads now and then.</summary>
    internal void HasOtherReaders() => Volatile.Write(ref _hasOtherReaders, true);

    /// <summary>All readers; empty if there may be unknown ones.</summary>
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
