using System.Globalization;
using AsyncPs.Concurrency;

namespace AsyncPs.Data.Connections;

/// <summary>
/// The messages of a server besides its results on one connection (NOTICE, WARNING). They become warnings and verbose messages of the item
/// that runs there. They arrive while the item waits for the server, so they are never written at the same time as its rows.
/// </summary>
internal sealed class ServerMessages
{
    // The largest number of messages that are kept if they arrive faster than they are taken.
    private const int Room = 1000;

    private readonly Queue<(StreamKind Kind, object Record)> _waiting = new();
    private WorkItem? _item;
    private Task? _writing;
    private int _lost;

    /// <summary>Assigns the messages to an item from now on.</summary>
    public void Attach(WorkItem item) => _item = item;

    /// <summary>Adds a message; called by the driver.</summary>
    public void Add(string text, bool isWarning)
    {
        if (_item is not { } item)
        {
            return;
        }

        (StreamKind Kind, object Record) message = isWarning
            ? (StreamKind.Warning, new WarningRecord(text))
            : (StreamKind.Verbose, new VerboseRecord(text));
        if (_writing is not null)
        {
            if (_waiting.Count < Room)
            {
                _waiting.Enqueue(message);
            }
            else
            {
                _lost++;
            }

            return;
        }

        ValueTask written = item.WriteAsync(message.Kind, message.Record);
        if (!written.IsCompletedSuccessfully)
        {
            _writing = written.AsTask();
        }
    }

    /// <summary>Writes the remaining messages, and detaches the item.</summary>
    public async ValueTask DetachAsync()
    {
        WorkItem? item = _item;
        _item = null;
        if (_writing is null || item is null)
        {
            return;
        }

        Task writing = _writing;
        _writing = null;
        int lost = _lost;
        _lost = 0;
        (StreamKind Kind, object Record)[] waiting = [.. _waiting];
        _waiting.Clear();
        await writing;
        foreach ((StreamKind kind, object record) in waiting)
        {
            await item.WriteAsync(kind, record);
        }

        if (lost > 0)
        {
            await item.WriteAsync(
                StreamKind.Warning,
                new WarningRecord(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{lost} more messages of the server came faster than they were taken, and are not shown.")));
        }
    }
}
