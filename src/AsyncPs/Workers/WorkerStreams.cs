using System.Collections.ObjectModel;
using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>
/// Takes what a worker's pipeline writes to any stream, on the worker's own thread and at the moment it is written, and
/// hands it to the running item. PowerShell's collections keep what they are given; here nothing is kept.
/// </summary>
internal sealed class WorkerStreams
{
    private readonly Worker _worker;
    private object? _echoed;

    /// <summary>Makes the streams of a worker.</summary>
    /// <param name="worker">The worker.</param>
    public WorkerStreams(Worker worker)
    {
        _worker = worker;
        Output = new WorkerOutput(record => Accept(StreamKind.Output, record));
    }

    /// <summary>The running item, or null: then records go nowhere.</summary>
    public WorkItem? Item { get; set; }

    /// <summary>The call whose work it is when there is no running item.</summary>
    public ConcurrentCall? Call { get; set; }

    /// <summary>Whether what runs was told to stop: errors that come of it are nobody's.</summary>
    public bool IsStopping { get; set; }

    /// <summary>The last error that no item can be blamed for.</summary>
    public ErrorRecord? LastError { get; private set; }

    /// <summary>The collection to give a pipeline for its output.</summary>
    public Collection<PSObject> Output { get; }

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

    /// <summary>Takes the output of a pipeline past its end, which would make half a dozen objects for each record; if the engine allows it.</summary>
    /// <param name="command">The command that the pipeline runs.</param>
    public void Shortcut(Cmdlet command) => EngineInternals.SetOutput?.Invoke(command, Output);

    /// <summary>
    /// Whether a text is that of the record before it. The engine also shows what it writes to a stream: the caller's session does so when the
    /// record is there.
    /// </summary>
    public bool IsEcho(string? text)
    {
        object? echoed = _echoed;
        _echoed = null;
        return echoed is not null && (echoed.ToString() ?? "") == (text ?? "");
    }

    private void Forward<T>(PSDataCollection<T> records, StreamKind kind)
    {
        records.DataAdding += (_, e) =>
        {
            _echoed = kind == StreamKind.Error ? null : e.ItemAdded;
            Accept(kind, e.ItemAdded);
        };
        records.DataAdded += static (sender, _) => ((PSDataCollection<T>)sender!).Clear();
    }

    /// <summary>Takes a record, on the worker's thread.</summary>
    public void Accept(StreamKind kind, object? record)
    {
        try
        {
            if (IsStopping && Item is { } stopped && _worker.IsCleaningUp)
            {
                AcceptOfCleanUp(stopped, kind, record);
                return;
            }

            if (record is ErrorRecord error && (IsStopping || Interruption.IsCauseOf(error.Exception)))
            {
                return;
            }

            if (Item is { } item)
            {
                if (kind is StreamKind.Output or StreamKind.Error && item.MustEnd)
                {
                    // Its token may be faster than the stop: what comes of that is not the item's, and ends it.
                    _worker.AwaitStop();
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
            _worker.AwaitStop();
            throw new PipelineStoppedException();
        }
    }

    // A finally block of an item that was stopped runs to its end, be there anybody to take what it writes or not. As in any pipeline
    // that was stopped, its output goes nowhere; its errors are told.
    private void AcceptOfCleanUp(WorkItem item, StreamKind kind, object? record)
    {
        if (kind == StreamKind.Output)
        {
            return;
        }

        if (record is ErrorRecord error)
        {
            _worker.FailCleanUp(item, error);
            return;
        }

        try
        {
            item.Write(kind, record);
        }
        catch (OperationCanceledException)
        {
            // The call takes nothing more.
        }
    }
}
