using System.Collections.ObjectModel;
using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>
/// Receives the records of all streams of a worker's pipeline, on the worker's thread and as they are written, and passes them to the
/// running item. PowerShell's collections keep their records; these don't.
/// </summary>
internal sealed class WorkerStreams
{
    private readonly Worker _worker;
    private object? _echoed;

    /// <summary>Creates the streams of a worker.</summary>
    /// <param name="worker">The worker.</param>
    public WorkerStreams(Worker worker)
    {
        _worker = worker;
        Output = new WorkerOutput(record => Accept(StreamKind.Output, record));
    }

    /// <summary>The running item; without one, records are dropped.</summary>
    public WorkItem? Item { get; set; }

    /// <summary>The call that gets the records when no item runs.</summary>
    public ConcurrentCall? Call { get; set; }

    /// <summary>Whether what runs was told to stop: the errors that follow are dropped.</summary>
    public bool IsStopping { get; set; }

    /// <summary>The last error that belongs to no item.</summary>
    public ErrorRecord? LastError { get; private set; }

    /// <summary>The output collection for a pipeline.</summary>
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

    /// <summary>
    /// Takes the output before the end of the pipeline, which would create half a dozen objects per record, if the engine allows it.
    /// </summary>
    /// <param name="command">The command that the pipeline runs.</param>
    public void Shortcut(Cmdlet command) => EngineInternals.SetOutput?.Invoke(command, Output);

    /// <summary>
    /// Whether a text repeats the previous record. The engine also shows what it writes to a stream, but the caller's session shows the
    /// record itself.
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
        if (record is ErrorRecord failure)
        {
            _worker.Host.Trace?.Complete(failure);
        }

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
                    // The item's token may be faster than the stop. What follows from that does not belong to the item, and ends it.
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
            // This is the only exception that a script cannot catch.
            _worker.AwaitStop();
            throw new PipelineStoppedException();
        }
    }

    // A finally block of a stopped item runs to its end, whether its records are read or not. As in any stopped pipeline, its output is
    // dropped; its errors are reported.
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
            // The call takes no more records.
        }
    }
}
