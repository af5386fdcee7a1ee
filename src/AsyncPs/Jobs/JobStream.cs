using System.Runtime.Serialization;

namespace AsyncPs.Jobs;

/// <summary>A stream of a job that has an end: a writer can wait until what was written before has been received.</summary>
internal sealed class JobStream<T> : PSDataCollection<T>
{
    private readonly RecordList<T> _records;
    private readonly int _limit;
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _arrival;

    /// <summary>Makes a stream.</summary>
    /// <param name="limit">How many records it holds, from 1.</param>
    public JobStream(int limit)
        : this(new RecordList<T>(), limit)
    {
    }

    private JobStream(RecordList<T> records, int limit)
        : base(Describe(records), default)
    {
        _records = records;
        _limit = limit;
        records.Removed = MakeRoom;
        records.Added = Arrived;
    }

    /// <summary>How many records wait to be received. Takes no lock.</summary>
    public int Waiting => _records.Count;

    /// <summary>The first of the records that wait, if nobody has looked at them; the default otherwise.</summary>
    public T? Unread
    {
        get
        {
            lock (((System.Collections.ICollection)this).SyncRoot)
            {
                return _records.WereRead ? default : _records.First;
            }
        }
    }

    /// <summary>Whether a writer has to wait.</summary>
    /// <param name="room">Ends when there is room: then it is to be asked again.</param>
    public bool IsFull([NotNullWhen(true)] out Task? room)
    {
        room = null;
        if (Waiting < _limit)
        {
            return false;
        }

        TaskCompletionSource made = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource current = Interlocked.CompareExchange(ref _room, made, null) ?? made;

        // Somebody may have read before it could be seen that a writer waits.
        if (Waiting < _limit)
        {
            Release();
        }

        room = current.Task;
        return true;
    }

    /// <summary>Ends when there is a record to be received.</summary>
    public Task Arrival
    {
        get
        {
            TaskCompletionSource made = new(TaskCreationOptions.RunContinuationsAsynchronously);
            TaskCompletionSource current = Interlocked.CompareExchange(ref _arrival, made, null) ?? made;

            // One may have come before it could be seen that somebody waits.
            if (Waiting > 0)
            {
                Interlocked.Exchange(ref _arrival, null)?.TrySetResult();
            }

            return current.Task;
        }
    }

    private void Arrived()
    {
        if (Volatile.Read(ref _arrival) is not null)
        {
            Interlocked.Exchange(ref _arrival, null)?.TrySetResult();
        }
    }

    // Half of it, so that a writer does not wake up for each record.
    private void MakeRoom()
    {
        if (Volatile.Read(ref _room) is not null && Waiting <= _limit / 2)
        {
            Release();
        }
    }

    private void Release() => Interlocked.Exchange(ref _room, null)?.TrySetResult();

    // The one public way to give the collection a list: as the state of one that was serialized.
#pragma warning disable SYSLIB0050
    private static SerializationInfo Describe(RecordList<T> records)
    {
        var info = new SerializationInfo(typeof(PSDataCollection<T>), new FormatterConverter());
        info.AddValue("Data", records, typeof(IList<T>));
        info.AddValue("BlockingEnumerator", false);
        info.AddValue("DataAddedCount", 1);
        info.AddValue("EnumeratorNeverBlocks", false);
        info.AddValue("IsOpen", true);
        return info;
    }
#pragma warning restore SYSLIB0050
}
