using AsyncPs.Commands.Parameters;
using AsyncPs.Queues;

namespace AsyncPs.Commands;

/// <summary>Writes objects to a queue; while it is full, the pipeline waits (asyncio's <c>put</c> and <c>put_nowait</c>).</summary>
[Cmdlet(VerbsCommunications.Write, "AsyncQueue", DefaultParameterSetName = WaitSet)]
[OutputType(typeof(void))]
public sealed class WriteAsyncQueueCommand : AsyncCommand
{
    private const string WaitSet = "Wait";
    private const string NoWaitSet = "NoWait";

    /// <summary>The queue.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(VariableCompleter<AsyncQueue>))]
    [ValidateNotNull]
    public AsyncQueue Queue { get; set; } = null!;

    /// <summary>The items. Given by name, a collection is one item.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [System.Management.Automation.AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public object? InputObject { get; set; }

    /// <summary>In a priority queue: the lower, the sooner. Default: 0.</summary>
    [Parameter]
    public double Priority { get; set; }

    /// <summary>How long an item may wait for room. Default: for ever.</summary>
    [Parameter(ParameterSetName = WaitSet)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Makes an item for which there is no room an error instead of waiting.</summary>
    [Parameter(ParameterSetName = NoWaitSet, Mandatory = true)]
    public SwitchParameter NoWait { get; set; }

    /// <inheritdoc/>
    private protected override void Process()
    {
        WriteOutcome outcome = Queue.WriteNow(InputObject, Priority);
        if (outcome == WriteOutcome.Full && !NoWait)
        {
            Queue.LookForRoom();
            if (!TryWait(token => Queue.WriteOrWaitAsync(InputObject, Priority, token), Timeout, out outcome))
            {
                WriteError(Errors.QueueWriteTimeout(Queue, InputObject, Timeout));
                return;
            }
        }

        switch (outcome)
        {
            case WriteOutcome.Full:
                WriteError(Errors.QueueFull(Queue, InputObject));
                break;
            case WriteOutcome.Completed:
                ThrowTerminatingError(Errors.QueueCompleted(Queue, InputObject));
                break;
            case WriteOutcome.Written:
            default:
                break;
        }
    }
}
