using System.Management.Automation.Host;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Queues;
using AsyncPs.Streams;

namespace AsyncPs.Events;

/// <summary>
/// A subscriber to some topics: a handler, or a reader of the events as a stream. Each subscription has its own bounded queue, so a slow
/// one does not delay the others.
/// </summary>
public sealed class EventSubscription : IStreamable
{
    private static int _lastId;

    private readonly AsyncEventBus _bus;
    private readonly SubscriptionOptions _options;
    private readonly AsyncQueue _queue;
    private readonly WildcardPattern[] _patterns;
    private HandlerCall? _handler;
    private long _results;
    private long _skipped;
    private long _dropped;
    private long _removed;
    private long _failed;
    private long _unreported;
    private int _claimed;
    private bool _watched;

    internal EventSubscription(AsyncEventBus bus, SubscriptionOptions options)
    {
        _bus = bus;
        _options = options;
        Name = options.Name ?? $"Subscription{Interlocked.Increment(ref _lastId)}";
        _queue = new AsyncQueue(capacity: options.Capacity, name: Name);
        _patterns = Array.ConvertAll(
            options.Topics, static topic => new WildcardPattern(topic, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant));
    }

    /// <summary>The name of the subscription.</summary>
    public string Name { get; }

    /// <summary>The topics, possibly with wildcards.</summary>
    public IReadOnlyList<string> Topic => _options.Topics;

    /// <summary>Whether a block handles the events; otherwise they are read as a stream.</summary>
    public bool IsHandled { get; private set; }

    /// <summary>The largest number of waiting events.</summary>
    public int Capacity => _options.Capacity;

    /// <summary>What happens to an event when that many wait.</summary>
    public EventFullMode FullMode => _options.FullMode;

    /// <summary>How many events are handled at the same time.</summary>
    public int ThrottleLimit => _options.ThrottleLimit;

    /// <summary>Whether it ends with the first event.</summary>
    public bool Once => _options.Once;

    /// <summary>Whether it still gets events.</summary>
    public bool IsActive => !_queue.IsCompleted;

    /// <summary>How many events wait.</summary>
    public int Waiting => _queue.Count;

    /// <summary>How many events are being handled or read.</summary>
    public long Running => _queue.InFlight;

    /// <summary>How many events were handled, failed ones included.</summary>
    public long Handled
        => IsHandled ? Volatile.Read(ref _results) - Volatile.Read(ref _skipped) : _queue.Finished - Volatile.Read(ref _removed);

    /// <summary>How many events the filter has skipped.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <summary>How many events its handler has failed on.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>How many events it did not get because too many were waiting.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>The last error of its handler; null if there was none.</summary>
    public ErrorRecord? LastError { get; private set; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <inheritdoc/>
    StreamSource IStreamable.Open(CancellationToken stopping)
        => IsHandled ? throw EventErrors.SubscriptionHasHandler(this) : new QueueSource(_queue, stopping);

    /// <summary>Whether it gets events of a topic.</summary>
    internal bool Takes(string topic) => Array.Exists(_patterns, pattern => pattern.IsMatch(topic));

    /// <summary>Lets a block handle the events from now on.</summary>
    internal void HandleWith(HandlerCall handler)
    {
        IsHandled = true;
        _handler = handler;
        handler.Start(_queue, this);
    }

    /// <summary>Takes an event; waits for room, if its mode is to wait.</summary>
    /// <exception cref="OperationCanceledException">It was canceled: the event was not taken.</exception>
    internal async Task DeliverAsync(AsyncEvent published, CancellationToken cancellationToken)
    {
        // With a filter it is not known yet whether the subscription takes this event.
        bool isOnly = Once && !_options.HasFilter;
        if (isOnly && !TryClaim())
        {
            return;
        }

        published.Expect();
        try
        {
            WriteOutcome outcome;
            bool waited = false;
            while ((outcome = _queue.WriteNow(published, priority: 0)) == WriteOutcome.Full)
            {
                if (FullMode == EventFullMode.Wait)
                {
                    waited = true;
                    outcome = await _queue.WriteOrWaitAsync(published, priority: 0, cancellationToken).ConfigureAwait(false);
                    break;
                }

                if (FullMode == EventFullMode.DropWrite)
                {
                    Drop(published);
                    return;
                }

                DropOldest();
            }

            if (outcome == WriteOutcome.Completed && (waited || _bus.IsDisposed))
            {
                published.Lose(this);
            }
            else if (outcome == WriteOutcome.Completed || !IsHandled)
            {
                // The subscription ended before it could get the event, or is a stream, for which no publisher waits.
                published.Settle();
            }
        }
        catch (OperationCanceledException)
        {
            published.Settle();
            throw;
        }

        if (isOnly)
        {
            Complete();
        }
    }

    /// <summary>Decides on the worker whether the handler takes an event.</summary>
    /// <param name="passes">The result of the filter.</param>
    internal bool Admit(bool passes)
    {
        if (passes && (!Once || !_options.HasFilter || TryClaim()))
        {
            if (Once)
            {
                Complete();
            }

            return true;
        }

        Interlocked.Increment(ref _skipped);
        return false;
    }

    /// <summary>
    /// Registers that this thread waits until an event that it publishes is handled. Dispose the result when the wait is over.
    /// </summary>
    /// <param name="topic">The topic of the event.</param>
    /// <exception cref="DeadlockException">All handlers wait for this code.</exception>
    internal WaitGraph.Wait? WaitForHandler(string topic) => _handler is { IsOpen: true }
        ? WaitGraph.ForPlace(Strand.Current, _handler.Identity, ThrottleLimit, () => EventErrors.EventWaitsForItself(this, topic))
        : null;

    /// <summary>
    /// Registers that this thread waits for room for an event, if there is no room. Dispose the result when the wait is over.
    /// </summary>
    /// <param name="topic">The topic of the event.</param>
    /// <exception cref="DeadlockException">Everything that could make room waits for this code.</exception>
    internal WaitGraph.Wait? WaitForRoom(string topic)
        => FullMode == EventFullMode.Wait && _queue.Count >= Capacity
            ? QueueWaits.ForRoom(_queue, () => EventErrors.EventRoomWaitsForItself(this, topic))
            : null;

    /// <summary>Registers that this thread waits until the subscription has ended. Dispose the result when the wait is over.</summary>
    /// <exception cref="DeadlockException">A handler waits for this code.</exception>
    internal WaitGraph.Wait? WaitForEnd()
        => _handler is { IsOpen: true }
            ? WaitGraph.ForEnd(Strand.Current, _handler.Identity, () => EventErrors.SubscriptionWaitsForItself(this))
            : null;

    /// <summary>Notes that the handler has handled an event.</summary>
    internal void HasHandled(AsyncEvent handled, ConcurrentResult result)
    {
        Interlocked.Increment(ref _results);
        if (result.Error.Length > 0)
        {
            Interlocked.Increment(ref _failed);
            LastError = result.Error[^1];
            if (!handled.IsAwaited)
            {
                Interlocked.Increment(ref _unreported);
            }
        }

        handled.Settle(result.Error);
    }

    /// <summary>Accepts no more events; waiting events are still handled.</summary>
    internal void Complete()
    {
        _bus.Remove(this);
        _queue.Complete();
    }

    /// <summary>Ends the subscription, drops the waiting events and stops the handler.</summary>
    internal void Stop()
    {
        Complete();
        _handler?.Stop();
        DropAll();
    }

    /// <summary>Completes when the handler has handled all events, after the subscription ended or was stopped.</summary>
    internal Task HasEnded => _handler?.HasEnded ?? Task.CompletedTask;

    /// <summary>Ends the subscription with an error, because something that all events depend on has failed.</summary>
    internal void Break(Exception error)
    {
        LastError = CallErrors.CallFailed(error);
        Interlocked.Increment(ref _failed);
        Interlocked.Increment(ref _unreported);
        Complete();
    }

    /// <summary>Drops the waiting events, which have no handler any more.</summary>
    internal void DropAll()
    {
        while (TryRemoveOldest(out AsyncEvent? oldest))
        {
            Interlocked.Increment(ref _dropped);
            if (IsHandled)
            {
                oldest.Lose(this);
            }
        }
    }

    /// <summary>Notes that a caller waits for the end and reports failures.</summary>
    internal void Watch() => Volatile.Write(ref _watched, true);

    /// <summary>Reports the failures of the handler at its end, if no caller waits for it.</summary>
    /// <param name="home">The host that shows them, or null.</param>
    internal void HandlerHasEnded(PSHost? home)
    {
        if (!Volatile.Read(ref _watched) && TakeUnreported() is var count and > 0)
        {
            LateWarning.Show(home, EventErrors.UnreportedFailures(this, count));
        }
    }

    /// <summary>Takes the number of failures that were not reported.</summary>
    internal long TakeUnreported() => Interlocked.Exchange(ref _unreported, 0);

    private bool TryClaim() => Interlocked.Exchange(ref _claimed, 1) == 0;

    private void DropOldest()
    {
        if (TryRemoveOldest(out AsyncEvent? oldest))
        {
            Drop(oldest);
        }
    }

    private bool TryRemoveOldest([NotNullWhen(true)] out AsyncEvent? oldest)
    {
        oldest = null;
        if (!_queue.TryTake(out object? taken))
        {
            return false;
        }

        // The queue counts it as read.
        Interlocked.Increment(ref _removed);
        oldest = (AsyncEvent)taken!;
        return true;
    }

    private void Drop(AsyncEvent dropped)
    {
        Interlocked.Increment(ref _dropped);
        dropped.Settle();
    }
}
