using AsyncPs.Commands.Parameters;
using AsyncPs.Queues;

namespace AsyncPs.Commands;

/// <summary>Ends a queue: no more items can be written, and readers end once they have read the rest (asyncio's <c>shutdown</c>).</summary>
[Cmdlet(VerbsLifecycle.Complete, "AsyncQueue", DefaultParameterSetName = NowSet)]
[OutputType(typeof(void))]
public sealed class CompleteAsyncQueueCommand : PSCmdlet
{
    private const string NowSet = "Now";
    private const string WhenDoneSet = "WhenDone";

    /// <summary>The queue.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(VariableCompleter<IAsyncQueue>))]
    [ValidateNotNull]
    public IAsyncQueue Queue { get; set; } = null!;

    /// <summary>The error that readers get after the last item. Default: a normal end.</summary>
    [Parameter(ParameterSetName = NowSet)]
    [ErrorTransformation]
    public Exception? Error { get; set; }

    /// <summary>Completes the queue as soon as all items are done, for consumers that write to their own queue. Returns at once.</summary>
    [Parameter(ParameterSetName = WhenDoneSet, Mandatory = true)]
    public SwitchParameter WhenDone { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (WhenDone)
        {
            Queue.CompleteWhenDone();
        }
        else
        {
            Queue.Complete(Error);
        }
    }
}
