using System.Management.Automation.Host;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Queues;
using AsyncPs.Streams;

namespace AsyncPs.Events;

/// <summary>
/// Somebody who gets the events of some topics: a handler, or whoever reads them as a stream. Events wait in a bounded queue of its own, so
/// one that is slow keeps no other waiting.
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
        _patterns = Array.ConvertAll(options.Topics, static topic => new WildcardPattern(topic, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant));
    }

    /// <summary>The name of the subscription.</summary>
    public string Name { get; }

    /// <summary>The topics, possibly with wildcards.</summary>
    public IReadOnlyList<string> Topic => _options.Topics;

    /// <summary>Whether a block handles the events; otherwise they are read as a stream.</summary>
    public bool IsHandled { get; private set; }

    /// <summary>How many events may wait.</summary>
    public int Capacity => _options.Capacity;

    /// <summary>What happens when as many wait.</summary>
    public EventFullMode FullMode => _options.FullMode;

    /// <summary>How many events are handled at once.</summary>
    public int ThrottleLimit => _options.ThrottleLimit;

    /// <summary>Whether it ends with the first event.</summary>
    public bool Once => _options.Once;

    /// <summary>Whether it still gets events.</summary>
    public bool IsActive => !_queue.IsCompleted;

    /// <summary>How many events wait.</summary>
    public int Waiting => _queue.Count;

    /// <summary>How many events are being handled, or with a reader.</summary>
    public long Running => _queue.InFlight;

    /// <summary>How many events were dealt with, failed ones included.</summary>
    public long Handled => IsHandled ? Volatile.Read(ref _results) - Volatile.Read(ref _skipped) : _queue.Finished - Volatile.Read(ref _removed);

    /// <summary>How many events the filter has passed over.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <summary>How many events its handler has failed with.</summary>
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

    /// <summary>Has a block handle the events from now on.</summary>
    internal void HandleWith(HandlerCall handler)
    {
        IsHandled = true;
        _handler = handler;
        handler.Start(_queue, this);
    }

    /// <summary>Takes an event; waits while there is no room for it, if that is its mode.</summary>
    /// <exception cref="OperationCanceledException">It was canceled: the event was not taken.</exception>
    internal async Task DeliverAsync(AsyncEvent published, CancellationToken cancellationToken)
    {
        // With a filter nobody knows yet whether this is the one.
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
                // It was unregistered before it could get it, or nobody waits until a stream is read.
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
            End();
        }
    }

    /// <summary>Whether a handler takes an event, asked on the worker.</summary>
    /// <param name="passes">What the filter says.</param>
    internal bool Admit(bool passes)
    {
        if (passes && (!Once || !_options.HasFilter || TryClaim()))
        {
            if (Once)
            {
                End();
            }

            return true;
        }

        Interlocked.Increment(ref _skipped);
        return false;
    }

    /// <summary>Notes that the code of this thread waits until an event that it is about to publish is handled; to be disposed when it does no longer.</summary>
    /// <param name="topic">What the event is about.</param>
    /// <exception cref="DeadlockException">All handlers wait for the code that asks.</exception>
    internal WaitGraph.Wait? WaitForHandler(string topic) => _handler is { IsOpen: true }
        ? WaitGraph.ForPlace(Strand.Current, _handler.Identity, ThrottleLimit, () => EventErrors.EventWaitsForItself(this, topic))
        : null;

    /// <summary>Notes that the code of this thread waits for room for an event, if there is none; to be disposed when it does no longer.</summary>
    /// <param name="topic">What the event is about.</param>
    /// <exception cref="DeadlockException">All that could make room wait for the code that asks.</exception>
    internal WaitGraph.Wait? WaitForRoom(string topic)
        => FullMode == EventFullMode.Wait && _queue.Count >= Capacity
            ? QueueWaits.ForRoom(_queue, () => EventErrors.EventRoomWaitsForItself(this, topic))
            : null;

    /// <summary>Notes that the code of this thread waits until the subscription has ended; to be disposed when it does no longer.</summary>
    /// <exception cref="DeadlockException">A handler waits for the code that asks.</exception>
    internal WaitGraph.Wait? WaitForEnd()
        => _handler is { IsOpen: true }
            ? WaitGraph.ForEnd(Strand.Current, _handler.Identity, () => EventErrors.SubscriptionWaitsForItself(this))
            : null;

    /// <summary>The handler has dealt with an event.</summary>
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

    /// <summary>It gets no more events; those that wait are still handled.</summary>
    internal void End()
    {
        _bus.Remove(this);
        _queue.Complete();
    }

    /// <summary>It gets no more events, those that wait are dropped, and the handler is stopped.</summary>
    internal void Stop()
    {
        End();
        _handler?.Stop();
        DropAll();
    }

    /// <summary>Ends when the handler has dealt with all events, after it was ended or stopped.</summary>
    internal Task HasEnded => _handler?.HasEnded ?? Task.CompletedTask;

    /// <summary>Something that all events stand on has failed.</summary>
    internal void Break(Exception error)
    {
        LastError = CallErrors.CallFailed(error);
        Interlocked.Increment(ref _failed);
        Interlocked.Increment(ref _unreported);
        End();
    }

    /// <summary>Nobody handles the events that wait.</summary>
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

    /// <summary>Somebody waits for its end, and tells of failures.</summary>
    internal void Watch() => Volatile.Write(ref _watched, true);

    /// <summary>The handler has ended; who has ended the subscription did not wait for what its handler has failed with since.</summary>
    /// <param name="home">Where that is told, or null.</param>
    internal void HandlerHasEnded(PSHost? home)
    {
        if (!Volatile.Read(ref _watched) && TakeUnreported() is var count and > 0)
        {
            LateWarning.Show(home, EventErrors.UnreportedFailures(this, count));
        }
    }

    /// <summary>How many failures nobody has been told of; from now on somebody has.</summary>
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

        // For the queue it was read.
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
