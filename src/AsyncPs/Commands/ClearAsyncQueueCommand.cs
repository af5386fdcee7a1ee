using AsyncPs.Commands.Parameters;
using AsyncPs.Queues;

namespace AsyncPs.Commands;

/// <summary>Drops all items that wait in a queue; they count as done.</summary>
[Cmdlet(VerbsCommon.Clear, "AsyncQueue", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class ClearAsyncQueueCommand : PSCmdlet
{
    /// <summary>The queue.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(VariableCompleter<AsyncQueue>))]
    [ValidateNotNull]
    public AsyncQueue Queue { get; set; } = null!;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ShouldProcess($"{Queue.Count} items of the queue '{Queue.Name}'"))
        {
            int count = Queue.Clear();
            WriteVerbose($"{count} items were dropped.");
        }
    }
}
