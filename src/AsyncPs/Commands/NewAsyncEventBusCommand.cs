using AsyncPs.Events;

namespace AsyncPs.Commands;

/// <summary>Creates a bus that delivers events to the subscribers of their topics.</summary>
[Cmdlet(VerbsCommon.New, "AsyncEventBus")]
[OutputType(typeof(AsyncEventBus))]
public sealed class NewAsyncEventBusCommand : PSCmdlet
{
    /// <summary>How many handlers of all subscriptions run at the same time. Default: the number of processors, but at least 5.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int ThrottleLimit { get; set; } = Math.Max(5, Environment.ProcessorCount);

    /// <summary>The name of the bus. Default: <c>EventBus</c> and a number.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => WriteObject(new AsyncEventBus(ThrottleLimit, Name));
}
