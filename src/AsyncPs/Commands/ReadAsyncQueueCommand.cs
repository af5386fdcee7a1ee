using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Queues;

namespace AsyncPs.Commands;

/// <summary>
/// Writes the items of a queue to the pipeline until it is completed (asyncio's <c>get</c>, <c>get_nowait</c> and <c>task_done</c>). An
/// item is done when the pipeline downstream has processed it, and is returned to the queue otherwise.
/// </summary>
[Cmdlet(VerbsCommunications.Read, "AsyncQueue", DefaultParameterSetName = WaitSet)]
[OutputType(typeof(object))]
public sealed class ReadAsyncQueueCommand : AsyncCommand
{
    private const string WaitSet = "Wait";
    private const string NoWaitSet = "NoWait";

    private const int FewEnvelopes = 64;

    // Delivered and, as far as this command knows, not settled.
    private readonly List<QueueItem> _envelopes = [];
    private int _envelopesToCheckAt = FewEnvelopes;

    // Whether the pipeline downstream has processed an item that the queue still counts as unfinished.
    private bool _delivered;
    private QueueEntry _last;

    /// <summary>The queue.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(VariableCompleter<IAsyncQueue>))]
    [ValidateNotNull]
    public IAsyncQueue Queue { get; set; } = null!;

    /// <summary>The largest number of items to read from each queue. Default: all until the queue is completed.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = int.MaxValue;

    /// <summary>How long to wait for each item. Default: no limit.</summary>
    [Parameter(ParameterSetName = WaitSet)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Reads the available items and ends.</summary>
    [Parameter(ParameterSetName = NoWaitSet, Mandatory = true)]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Writes an envelope for each item, with `Ack()` and `Nack()`.</summary>
    [Parameter]
    public SwitchParameter ManualAck { get; set; }

    /// <inheritdoc/>
    private protected override WaitNote WaitsFor => WaitNote.Begin(WaitKind.QueueItem, Queue);

    /// <inheritdoc/>
    private protected override async CommandStep ProcessAsync()
    {
        // As long as it reads, it takes the next item only when the pipeline downstream is done with this one.
        Strand strand = Strand.Current;
        using Hold place = strand.Hold(this);
        using Hold? item = ManualAck ? null : strand.Hold(Queue);
        Queue.AddReader(this, places: 1);
        try
        {
            for (int read = 0; read < Count && await TryReadAsync(); read++)
            {
                Deliver(_last);
            }
        }
        catch (Exception e) when (!IsEnough(e))
        {
            _envelopes.ForEach(static envelope => envelope.ReturnIfUnsettled());
            throw;
        }
        finally
        {
            FinishDelivered();
            Queue.RemoveReader(this);
            if (Queue.State is AsyncQueueState.Open or AsyncQueueState.Completed)
            {
                // The command may be called again.
                Queue.HasOtherReaders();
            }
        }
    }

    private async CommandStep<bool> TryReadAsync()
    {
        ReadOutcome outcome = ReadNow();
        if (outcome == ReadOutcome.Empty)
        {
            outcome = NoWait ? await TakeAvailableAsync() : await AwaitItemAsync();
        }

        if (outcome == ReadOutcome.Ended && Queue.Error is not null)
        {
            ThrowTerminatingError(QueueErrors.QueueFailed(Queue));
        }

        return outcome == ReadOutcome.Item;
    }

    // Finishes the previous item and takes the next one, in one step.
    private ReadOutcome ReadNow()
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
        bool finishPrevious = _delivered;
        _delivered = false;
        return Queue.ReadNow(finishPrevious, ref _last);
    }

    private async CommandStep<ReadOutcome> TakeAvailableAsync()
    {
        ReadResult result = await WaitAsync(Queue.ReadAvailableAsync(StopToken));
        _last = result.Entry;
        return result.Outcome;
    }

    private async CommandStep<ReadOutcome> AwaitItemAsync()
    {
        if (Queue.SpinForItem())
        {
            ReadOutcome outcome = Queue.ReadNow(finishPrevious: false, ref _last);
            if (outcome != ReadOutcome.Empty)
            {
                return outcome;
            }
        }

        (bool inTime, ReadResult result) = await TryWaitAsync(Queue.ReadOrWaitAsync, Timeout);
        if (!inTime)
        {
            WriteError(QueueErrors.QueueReadTimeout(Queue, Timeout));
            result = new ReadResult(ReadOutcome.Empty, default);
        }

        _last = result.Entry;
        return result.Outcome;
    }

    private void Deliver(in QueueEntry entry)
    {
        if (IsStopping)
        {
            using Uninterrupted.Region region = Uninterrupted.Begin();
            Queue.Requeue(entry);
            throw new PipelineStoppedException();
        }

        if (ManualAck)
        {
            WriteObject(NewEnvelope(entry));
            return;
        }

        try
        {
            WriteObject(entry.Value);
            _delivered = true;
        }
        catch (Exception e)
        {
            _delivered = IsEnough(e);
            if (!_delivered)
            {
                using Uninterrupted.Region region = Uninterrupted.Begin();
                Queue.Return(entry, atEnd: false);
            }

            throw;
        }
    }

    private void FinishDelivered()
    {
        if (_delivered)
        {
            using Uninterrupted.Region region = Uninterrupted.Begin();
            _delivered = false;
            Queue.Finish(_last);
        }
    }

    // Settled ones are removed each time their number could have doubled the list.
    private QueueItem NewEnvelope(in QueueEntry entry)
    {
        var envelope = new QueueItem(Queue, entry);
        if (_envelopes.Count == _envelopesToCheckAt)
        {
            _envelopes.RemoveAll(static e => e.IsSettled);
            _envelopesToCheckAt = Math.Max(FewEnvelopes, _envelopes.Count * 2);
        }

        _envelopes.Add(envelope);
        return envelope;
    }
}
