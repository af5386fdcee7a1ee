using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Queues;
using AsyncPs.Streams;

namespace AsyncPs.Commands;

/// <summary>Writes objects to a queue; while it is full, the pipeline waits (asyncio's <c>put</c> and <c>put_nowait</c>).</summary>
[Cmdlet(VerbsCommunications.Write, "AsyncQueue", DefaultParameterSetName = WaitSet)]
[OutputType(typeof(void))]
public sealed class WriteAsyncQueueCommand : AsyncCommand, IDynamicParameters
{
    private const string WaitSet = "Wait";
    private const string NoWaitSet = "NoWait";

    // By then, readers that are just starting have registered.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMilliseconds(500);

    private object? _parameters;
    private IQueueWriter? _writer;

    /// <summary>The queue.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(VariableCompleter<IAsyncQueue>))]
    [ValidateNotNull]
    public IAsyncQueue Queue { get; set; } = null!;

    /// <summary>The items. Given by name, a collection is one item.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [System.Management.Automation.AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public object? InputObject { get; set; }

    /// <summary>In a priority queue, the lowest number is read first. Default: 0.</summary>
    [Parameter]
    public double Priority { get; set; }

    /// <summary>How long an item may wait for room. Default: no limit.</summary>
    [Parameter(ParameterSetName = WaitSet)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Writes an error for an item without room, instead of waiting.</summary>
    [Parameter(ParameterSetName = NoWaitSet, Mandatory = true)]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Additional parameters of the queue.</summary>
    public object? GetDynamicParameters() => _parameters = Queue?.NewWriteParameters();

    /// <inheritdoc/>
    private protected override void Begin() => _writer = Queue.OpenWriter(_parameters, Timeout);

    /// <inheritdoc/>
    private protected override WaitNote WaitsFor => WaitNote.Begin(WaitKind.QueueRoom, Queue);

    /// <inheritdoc/>
    private protected override async CommandStep ProcessAsync()
    {
        WriteOutcome outcome = _writer!.WriteNow(InputObject, Priority);
        if (outcome == WriteOutcome.Full && !NoWait)
        {
            _writer.SpinForRoom();
            (bool inTime, outcome) = await TryWriteAsync();
            if (!inTime)
            {
                WriteError(QueueErrors.QueueWriteTimeout(Queue, InputObject, Timeout));
                return;
            }
        }

        switch (outcome)
        {
            case WriteOutcome.Full:
                WriteError(QueueErrors.QueueFull(Queue, InputObject));
                break;
            case WriteOutcome.Completed:
                ThrowTerminatingError(QueueErrors.QueueCompleted(Queue, InputObject));
                break;
            case WriteOutcome.Written:
            default:
                break;
        }

        WriteNews();
    }

    /// <inheritdoc/>
    private protected override async CommandStep EndAsync()
    {
        await WaitAsync(_writer!.FlushAsync(StopToken));
        WriteNews();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _writer?.Close();
        base.Dispose(disposing);
    }

    private void WriteNews()
    {
        while (_writer!.TryTake(out object? answer, out ErrorRecord? error))
        {
            if (error is null)
            {
                WriteObject(answer);
            }
            else
            {
                WriteError(error);
            }
        }
    }

    private async CommandStep<(bool InTime, WriteOutcome Outcome)> TryWriteAsync()
    {
        // Only an endless wait is checked for deadlocks.
        if (Timeout != System.Threading.Timeout.InfiniteTimeSpan || !QueueWaits.MayBeForItself(Queue))
        {
            return await TryWriteAsync(Timeout);
        }

        (bool inTime, WriteOutcome outcome) = await TryWriteAsync(WaitLimit);
        if (inTime)
        {
            return (true, outcome);
        }

        using WaitGraph.Wait? waiting = WaitWithoutEnd();
        return await TryWriteAsync(Timeout);
    }

    private CommandStep<(bool InTime, WriteOutcome Outcome)> TryWriteAsync(TimeSpan timeout)
        => TryWaitAsync(token => _writer!.WriteOrWaitAsync(InputObject, Priority, token), timeout);

    // Refuses to wait for readers that all wait for this writer.
    private WaitGraph.Wait? WaitWithoutEnd()
    {
        try
        {
            return QueueWaits.ForRoom(Queue, () => StreamErrors.QueueWaitsForItself(Queue));
        }
        catch (DeadlockException e)
        {
            ThrowTerminatingError(e.ErrorRecord);
            throw;
        }
    }
}
