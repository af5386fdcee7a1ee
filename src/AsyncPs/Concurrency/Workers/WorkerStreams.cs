using System.Collections;

namespace AsyncPs.Concurrency.Workers;

/// <summary>
/// Takes what a worker's pipeline writes to any stream, on the worker's own thread and at the moment it is written, and
/// hands it to the running item. PowerShell's collections keep what they are given; here nothing is kept.
/// </summary>
internal sealed class WorkerStreams
{
    /// <summary>Makes the streams of a worker.</summary>
    public WorkerStreams() => Output = new OutputList(this);

    /// <summary>The running item, or null: then records go nowhere.</summary>
    public WorkItem? Item { get; set; }

    /// <summary>The call whose work it is when there is no running item.</summary>
    public ConcurrentCall? Call { get; set; }

    /// <summary>Whether what runs was told to stop: errors that come of it are nobody's.</summary>
    public bool IsStopping { get; set; }

    /// <summary>The last error that no item can be blamed for.</summary>
    public ErrorRecord? LastError { get; private set; }

    /// <summary>The list to give a pipeline for its output.</summary>
    public IList<PSObject> Output { get; }

    /// <summary>Connects the other streams of a pipeline.</summary>
    public void Attach(PowerShell pipeline)
    {
        PSDataStreams streams = pipeline.Streams;
        Forward(streams.Error, StreamKind.Error);
        Forward(streams.Warning, StreamKind.Warning);
        Forward(streams.Verbose, StreamKind.Verbose);
        Forward(streams.Debug, StreamKind.Debug);
        Forward(streams.Information, StreamKind.Information);
        Forward(streams.Progress, StreamKind.Progress);
    }

    private void Forward<T>(PSDataCollection<T> records, StreamKind kind)
    {
        records.DataAdding += (_, e) => Accept(kind, e.ItemAdded);
        records.DataAdded += static (sender, _) => ((PSDataCollection<T>)sender!).Clear();
    }

    private void Accept(StreamKind kind, object? record)
    {
        try
        {
            if (record is ErrorRecord error && (IsStopping || Interruption.IsCauseOf(error.Exception)))
            {
                return;
            }

            if (Item is { } item)
            {
                if (kind is StreamKind.Output or StreamKind.Error && item.MustEnd)
                {
                    // Its token may be faster than the stop: what comes of that is not the item's, and ends it.
                    throw new PipelineStoppedException();
                }

                item.Write(kind, record);
            }
            else if (Call is { } call && kind != StreamKind.Output)
            {
                call.Write(new StreamRecord(null, kind, record));
            }
            else if (kind == StreamKind.Error)
            {
                LastError = (ErrorRecord?)record;
            }
        }
        catch (OperationCanceledException)
        {
            // A script can catch any exception but this one.
            throw new PipelineStoppedException();
        }
    }

    /// <summary>A list that is always empty: what is put in goes to the running item.</summary>
    private sealed class OutputList(WorkerStreams streams) : IList<PSObject>
    {
        public int Count => 0;

        public bool IsReadOnly => false;

        public PSObject this[int index]
        {
            get => throw new ArgumentOutOfRangeException(nameof(index));
            set => throw new ArgumentOutOfRangeException(nameof(index));
        }

        public void Add(PSObject item) => streams.Accept(StreamKind.Output, item);

        public void Insert(int index, PSObject item) => streams.Accept(StreamKind.Output, item);

        public void Clear()
        {
        }

        public bool Contains(PSObject item) => false;

        public void CopyTo(PSObject[] array, int arrayIndex)
        {
        }

        public int IndexOf(PSObject item) => -1;

        public bool Remove(PSObject item) => false;

        public void RemoveAt(int index) => throw new ArgumentOutOfRangeException(nameof(index));

        public IEnumerator<PSObject> GetEnumerator() => Enumerable.Empty<PSObject>().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
