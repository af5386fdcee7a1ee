using System.Runtime.Serialization;

namespace AsyncPs.Jobs;

/// <summary>A bounded stream of a job: a writer can wait until earlier records were received.</summary>
internal sealed class JobStream<T> : PSDataCollection<T>
{
    private readonly RecordList<T> _records;
    private readonly int _limit;
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _arrival;

    /// <summary>Creates a stream.</summary>
    /// <param name="limit">The largest number of records, from 1.</param>
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

    /// <summary>The first waiting record if the records were not read; otherwise the default.</summary>
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

    /// <summary>Whether a writer must wait.</summary>
    /// <param name="room">Completes when there is room; the writer then asks again.</param>
    public bool IsFull([NotNullWhen(true)] out Task? room)
    {
        room = null;
        if (Waiting < _limit)
        {
            return false;
        }

        TaskCompletionSource made = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource current = Interlocked.CompareExchange(ref _room, made, null) ?? made;

        // A reader may have taken records before it could see that a writer waits.
        if (Waiting < _limit)
        {
            Release();
        }

        room = current.Task;
        return true;
    }

    /// <summary>Completes when there is a record to receive.</summary>
    public Task Arrival
    {
        get
        {
            TaskCompletionSource made = new(TaskCreationOptions.RunContinuationsAsynchronously);
            TaskCompletionSource current = Interlocked.CompareExchange(ref _arrival, made, null) ?? made;

            // A record may have come before its writer could see that a reader waits.
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

    // Only when half of the stream is free, so that a writer does not wake up for each record.
    private void MakeRoom()
    {
        if (Volatile.Read(ref _room) is not null && Waiting <= _limit / 2)
        {
            Release();
        }
    }

    private void Release() => Interlocked.Exchange(ref _room, null)?.TrySetResult();

    // The only public way to give the collection a list: as the state of a deserialized one.
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
