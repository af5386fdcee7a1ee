using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Events;

namespace AsyncPs.Commands;

/// <summary>Ends subscriptions of an event bus. Waiting events are still handled.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "AsyncEvent")]
[OutputType(typeof(void))]
public sealed class UnregisterAsyncEventCommand : AsyncCommand
{
    /// <summary>The subscriptions.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VariableCompleter<EventSubscription>))]
    public EventSubscription[] Subscription { get; set; } = [];

    /// <summary>Waits until the waiting events are handled.</summary>
    [Parameter]
    public new SwitchParameter Wait { get; set; }

    /// <summary>Drops the waiting events and stops the handler.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private WaitGraph.Wait? WaitForEnd(EventSubscription subscription)
    {
        try
        {
            return subscription.WaitForEnd();
        }
        catch (DeadlockException e)
        {
            ThrowTerminatingError(e.ErrorRecord);
            throw;
        }
    }

    /// <inheritdoc/>
    private protected override void Process()
    {
        foreach (EventSubscription subscription in Subscription)
        {
            using WaitGraph.Wait? end = Wait && !Force ? WaitForEnd(subscription) : null;
            if (Wait)
            {
                subscription.Watch();
            }

            if (Force)
            {
                subscription.Stop();
            }
            else
            {
                subscription.Complete();
            }

            if (Wait)
            {
                using var waiting = ItemWait.Begin();
                base.Wait(new ValueTask(subscription.HasEnded.WaitAsync(StopToken)));
            }

            if (subscription.TakeUnreported() is var count and > 0)
            {
                WriteWarning(EventErrors.UnreportedFailures(subscription, count));
            }
        }
    }
}
