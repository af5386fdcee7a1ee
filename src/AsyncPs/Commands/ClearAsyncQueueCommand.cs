using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Queues;

namespace AsyncPs.Commands;

/// <summary>Drops all items that wait in a queue; they count as done.</summary>
[Cmdlet(VerbsCommon.Clear, "AsyncQueue", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class ClearAsyncQueueCommand : AsyncCommand
{
    /// <summary>The queue.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(VariableCompleter<IAsyncQueue>))]
    [ValidateNotNull]
    public IAsyncQueue Queue { get; set; } = null!;

    /// <inheritdoc/>
    private protected override void Process()
    {
        if (ShouldProcess($"{Wait(Queue.CountAsync(StopToken))} items of the queue '{Queue.Name}'"))
        {
            long count = Wait(Queue.ClearAsync(StopToken));
            WriteVerbose($"{count} items were dropped.");
        }
    }
}
