using AsyncPs.Queues;

namespace AsyncPs.Commands;

/// <summary>
/// Creates a queue for blocks, jobs and runspaces (asyncio's <c>Queue</c>, <c>LifoQueue</c> and <c>PriorityQueue</c>).
/// </summary>
[Cmdlet(VerbsCommon.New, "AsyncQueue")]
[OutputType(typeof(AsyncQueue))]
public sealed class NewAsyncQueueCommand : PSCmdlet
{
    /// <summary>The largest number of items that wait to be read. Default: no limit.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(1, int.MaxValue)]
    public int Capacity { get; set; }

    /// <summary>What a write to a full queue does. Default: it waits.</summary>
    [Parameter]
    public QueueFullMode FullMode { get; set; }

    /// <summary>The order in which items are read. Default: first in, first out.</summary>
    [Parameter]
    public AsyncQueueKind Kind { get; set; }

    /// <summary>The name of the queue, also in errors. Default: <c>Queue</c> and a number.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            WriteObject(new AsyncQueue(Kind, Capacity == 0 ? null : Capacity, FullMode, Name));
        }
        catch (NotSupportedException e)
        {
            ThrowTerminatingError(QueueErrors.QueueModeNotSupported(e, FullMode).Record);
        }
    }
}
