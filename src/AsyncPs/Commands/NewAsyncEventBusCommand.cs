using AsyncPs.Events;

namespace AsyncPs.Commands;

/// <summary>Makes a bus that brings events to those who have subscribed to their topics.</summary>
[Cmdlet(VerbsCommon.New, "AsyncEventBus")]
[OutputType(typeof(AsyncEventBus))]
public sealed class NewAsyncEventBusCommand : PSCmdlet
{
    /// <summary>How many handlers run at once, all subscriptions together. Default: the number of processors, but at least 5.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int ThrottleLimit { get; set; } = Math.Max(5, Environment.ProcessorCount);

    /// <summary>A name to tell the bus by. Default: <c>EventBus</c> and a number.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => WriteObject(new AsyncEventBus(ThrottleLimit, Name));
}
