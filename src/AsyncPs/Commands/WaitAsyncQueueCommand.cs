using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Queues;
using AsyncPs.Streams;

namespace AsyncPs.Commands;

/// <summary>Waits until every item that was written to a queue is done (asyncio's <c>join</c>).</summary>
[Cmdlet(VerbsLifecycle.Wait, "AsyncQueue")]
[OutputType(typeof(void))]
public sealed class WaitAsyncQueueCommand : AsyncCommand
{
    /// <summary>The queue.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(VariableCompleter<IAsyncQueue>))]
    [ValidateNotNull]
    public IAsyncQueue Queue { get; set; } = null!;

    /// <summary>How long to wait. Default: no limit.</summary>
    [Parameter(Position = 1)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    // Only an endless wait is checked for deadlocks.
    private WaitGraph.Wait? WaitWithoutEnd()
    {
        try
        {
            return Timeout == System.Threading.Timeout.InfiniteTimeSpan
                ? WaitGraph.ForEnd(Strand.Current, Queue, () => StreamErrors.QueueEndWaitsForItself(Queue))
                : null;
        }
        catch (DeadlockException e)
        {
            ThrowTerminatingError(e.ErrorRecord);
            throw;
        }
    }

    /// <inheritdoc/>
    private protected override WaitNote WaitsFor => WaitNote.Begin(WaitKind.QueueEnd, Queue);

    /// <inheritdoc/>
    private protected override async CommandStep ProcessAsync()
    {
        using WaitGraph.Wait? waiting = WaitWithoutEnd();
        if (!await TryWaitAsync(Queue.WaitAsync, Timeout))
        {
            WriteError(QueueErrors.QueueWaitTimeout(Queue, Timeout));
        }
    }
}
