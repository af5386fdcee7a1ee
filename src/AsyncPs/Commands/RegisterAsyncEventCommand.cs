using AsyncPs.Blocks;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Events;

namespace AsyncPs.Commands;

/// <summary>Subscribes to topics of an event bus. A block handles the events, or they are read as a stream.</summary>
[Cmdlet(VerbsLifecycle.Register, "AsyncEvent")]
[OutputType(typeof(EventSubscription))]
public sealed class RegisterAsyncEventCommand : WorkCommand
{
    /// <summary>The bus.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(VariableCompleter<AsyncEventBus>))]
    [ValidateNotNull]
    public AsyncEventBus Bus { get; set; } = null!;

    /// <summary>The topics, in any letter case; <c>*</c>, <c>?</c> and <c>[a-z]</c> are wildcards.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TopicCompleter))]
    public string[] Topic { get; set; } = [];

    /// <summary>Handles an event, `$_`, on a worker. Default: the events are read as a stream.</summary>
    [Parameter(Position = 2)]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>Decides whether an event, `$_`, is handled. Default: all are.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Filter { get; set; }

    /// <summary>Ends the subscription with the first event.</summary>
    [Parameter]
    public SwitchParameter Once { get; set; }

    /// <summary>How many events are handled at the same time. Default: 1, which keeps their order.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int ThrottleLimit { get; set; } = 1;

    /// <summary>How many events may wait. Default: 1,000.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Capacity { get; set; } = 1000;

    /// <summary>What happens to an event when that many wait. Default: the publisher waits.</summary>
    [Parameter]
    public EventFullMode FullMode { get; set; }

    /// <summary>The name of the subscription. Default: <c>Subscription</c> and a number.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <inheritdoc/>
    private protected override void End()
    {
        if (Filter is not null && ScriptBlock is null)
        {
            ThrowTerminatingError(ParameterErrors.NeedsParameter(nameof(Filter), nameof(ScriptBlock)));
        }

        var subscription = new EventSubscription(Bus, new SubscriptionOptions(Topic)
        {
            Name = Name,
            Capacity = Capacity,
            FullMode = FullMode,
            Once = Once,
            HasFilter = Filter is not null,
            ThrottleLimit = ThrottleLimit,
        });
        try
        {
            if (ScriptBlock is not null)
            {
                subscription.HandleWith(HandlerOf(subscription));
            }

            Bus.Add(subscription);
        }
        catch (ObjectDisposedException e)
        {
            subscription.Stop();
            ThrowTerminatingError(EventErrors.EventBusDisposed(e, Bus));
        }

        WriteObject(subscription);
    }

    private HandlerCall HandlerOf(EventSubscription subscription)
    {
        var scripts = WorkerScripts.None with { ItemFilter = Filter, Admits = subscription.Admit };
        var job = new ScriptJob([ScriptBlock!], arguments: null, CaptureOptions, scripts, this);
        var options = new CallOptions(CallLimits.For(ThrottleLimit))
        {
            Source = CallSource.Of(this) with { Name = subscription.Name },
            Role = CallRole.Service,
            AsResult = true,
            Throttle = Bus.Throttle,
            HasContext = ContextVariable.IsNamedIn(ScriptBlock!),
        };
        return new HandlerCall(() => job.OpenCall(options, ThrottleLimit), job.Home);
    }
}
