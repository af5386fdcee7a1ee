using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Events;

namespace AsyncPs.Commands;

/// <summary>Publishes events on an event bus, to all subscribers of the topic.</summary>
[Cmdlet(VerbsData.Publish, "AsyncEvent")]
[OutputType(typeof(void))]
public sealed class PublishAsyncEventCommand : AsyncCommand
{
    /// <summary>The bus.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(VariableCompleter<AsyncEventBus>))]
    [ValidateNotNull]
    public AsyncEventBus Bus { get; set; } = null!;

    /// <summary>The topic of the events. No wildcards.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TopicCompleter))]
    public string Topic { get; set; } = null!;

    /// <summary>The data of the event: `$_.Data` for handlers. With pipeline input, each object is an event.</summary>
    [Parameter(Position = 2, ValueFromPipeline = true)]
    [System.Management.Automation.AllowNull]
    public object? Data { get; set; }

    /// <summary>Waits until all handlers have handled the event, and writes their errors.</summary>
    [Parameter]
    public new SwitchParameter Wait { get; set; }

    /// <summary>How long to wait for room and for handlers; a number means seconds. Default: no limit.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <inheritdoc/>
    private protected override WaitNote WaitsFor => WaitNote.Begin(WaitKind.Event, Bus, Topic);

    /// <inheritdoc/>
    private protected override void Begin()
    {
        if (WildcardPattern.ContainsWildcardCharacters(Topic))
        {
            ThrowTerminatingError(EventErrors.TopicHasWildcards(Topic));
        }
    }

    /// <inheritdoc/>
    private protected override void Process()
    {
        AsyncEvent published;
        try
        {
            published = Bus.Create(Topic, Data, Wait);
        }
        catch (ObjectDisposedException e)
        {
            ThrowTerminatingError(EventErrors.EventBusDisposed(e, Bus));
            throw;
        }

        using var waits = new Waits();
        if (Wait && IsEndless)
        {
            Note(waits, static (subscription, topic) => subscription.WaitForHandler(topic));
            waits.Add(WaitGraph.ForEnd(Strand.Current, published));
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        ValueTask delivering = Bus.DeliverAsync(published, timeout.Token);
        if (delivering.IsCompletedSuccessfully && !Wait && published.Losers.Count == 0)
        {
            return;
        }

        if (!delivering.IsCompleted && IsEndless)
        {
            try
            {
                Note(waits, static (subscription, topic) => subscription.WaitForRoom(topic));
            }
            catch (PipelineStoppedException)
            {
                throw;
            }
            catch (Exception)
            {
                timeout.Cancel();
                delivering.AsTask().Forget();
                throw;
            }
        }

        timeout.CancelAfter(Timeout);
        try
        {
            using ItemWait wait = ItemWait.Begin();
            base.Wait(delivering);
            if (Wait)
            {
                base.Wait(new ValueTask(published.Handled.WaitAsync(timeout.Token)));
            }
        }
        catch (OperationCanceledException) when (!StopToken.IsCancellationRequested)
        {
            WriteError(EventErrors.EventTimeout(Timeout, published, Wait));
            return;
        }

        foreach (EventSubscription loser in published.Losers)
        {
            InvalidOperationException lost = EventErrors.EventNotHandled(Bus, loser, published);
            WriteError(new ErrorRecord(lost, "EventNotHandled", ErrorCategory.OperationStopped, published));
        }

        foreach (ErrorRecord error in Wait ? published.Errors : [])
        {
            WriteError(new ErrorRecord(error, replaceParentContainsErrorRecordException: null));
        }
    }

    // Only an endless wait is checked for deadlocks.
    private bool IsEndless => Timeout == System.Threading.Timeout.InfiniteTimeSpan;

    private void Note(Waits waits, Func<EventSubscription, string, WaitGraph.Wait?> wait)
    {
        try
        {
            foreach (EventSubscription subscription in Bus.Subscriptions.Where(subscription => subscription.Takes(Topic)))
            {
                waits.Add(wait(subscription, Topic));
            }
        }
        catch (DeadlockException e)
        {
            ThrowTerminatingError(e.ErrorRecord);
        }
    }

    // The waits of one event: for its handlers, and for room.
    private sealed class Waits : IDisposable
    {
        private readonly List<WaitGraph.Wait> _all = [];

        public void Add(WaitGraph.Wait? wait)
        {
            if (wait is not null)
            {
                _all.Add(wait);
            }
        }

        public void Dispose() => _all.ForEach(static wait => wait.Dispose());
    }
}
