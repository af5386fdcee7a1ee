using AsyncPs.Messaging.Connections;
using AsyncPs.Messaging.Drivers;
using AsyncPs.Queues;

namespace AsyncPs.Messaging.Receiving;

/// <summary>
/// The messages of a queue on their way to readers of this process. The broker delivers some ahead as long as there is a reader. When none
/// has read for a while, they are returned for other processes.
/// </summary>
/// <param name="keeper">Maintains the session.</param>
/// <param name="settler">Settles messages at the broker.</param>
/// <param name="options">How messages are received.</param>
internal sealed partial class Receiver(SessionKeeper keeper, Settler settler, ReceiveOptions options)
{
    private readonly object _lock = new();
    private readonly LinkedList<Delivery> _ahead = [];
    private readonly LinkedList<Waiter<ReadResult>> _readers = [];
    private readonly Dictionary<long, Delivery> _handedOut = [];
    private long _sequence;
    private long _received;
    private bool _completed;
    private bool _ended;

    /// <summary>How many messages readers hold.</summary>
    public long InFlight
    {
        get
        {
            lock (_lock)
            {
                return _handedOut.Count;
            }
        }
    }

    /// <summary>How many messages were delivered ahead and wait here.</summary>
    public int Ahead
    {
        get
        {
            lock (_lock)
            {
                return _ahead.Count;
            }
        }
    }

    /// <summary>How many messages were passed to readers.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Whether readers got the end.</summary>
    public bool HasEnded => Volatile.Read(ref _ended);

    /// <summary>Takes a message that was delivered ahead.</summary>
    public ReadOutcome ReadNow(out QueueEntry entry)
    {
        while (true)
        {
            Delivery delivery;
            lock (_lock)
            {
                if (_ahead.First is not { } first)
                {
                    entry = default;
                    return _ended ? ReadOutcome.Ended : ReadOutcome.Empty;
                }

                delivery = first.Value;
                _ahead.RemoveFirst();
            }

            if (TryHandOut(delivery, out entry))
            {
                return ReadOutcome.Item;
            }
        }
    }

    /// <summary>Takes a message. Waits while there is none but one may still arrive.</summary>
    public async ValueTask<ReadResult> ReadOrWaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            ReadOutcome outcome = ReadNow(out QueueEntry entry);
            if (outcome != ReadOutcome.Empty)
            {
                return new ReadResult(outcome, entry);
            }

            var reader = new Waiter<ReadResult>(_lock, _readers);
            reader.CancelBy(cancellationToken);
            bool waits;
            lock (_lock)
            {
                waits = _ahead.Count == 0 && !_ended;
                if (waits)
                {
                    reader.Enlist();
                }
                else
                {
                    reader.Spare();
                }
            }

            if (!waits)
            {
                reader.Serve(default);
                continue;
            }

            Attend();
            ReadResult read = await reader.Task.ConfigureAwait(false);
            if (read.Outcome != ReadOutcome.Empty)
            {
                return read;
            }
        }
    }

    /// <summary>Takes a message that is there; asks the broker if need be. Does not wait for one to arrive.</summary>
    public async ValueTask<ReadResult> ReadAvailableAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadOutcome outcome = ReadNow(out QueueEntry entry);
            if (outcome != ReadOutcome.Empty)
            {
                return new ReadResult(outcome, entry);
            }

            if (!await LookAsync(cancellationToken).ConfigureAwait(false))
            {
                return new ReadResult(ReadOutcome.Empty, default);
            }
        }
    }

    /// <summary>Settles a message.</summary>
    public void Settle(in QueueEntry entry, in Settlement settlement)
    {
        if (TryTakeBack(entry, out Delivery? delivery))
        {
            settler.Settle(delivery, settlement);
        }
    }

    /// <summary>Notes that a reader has failed at a message.</summary>
    public void Fail(in QueueEntry entry, string? reason)
    {
        if (TryTakeBack(entry, out Delivery? delivery))
        {
            settler.Settle(delivery, Fate(delivery, reason));
        }
    }

    /// <summary>Returns a message that no reader has processed.</summary>
    public void PutBack(in QueueEntry entry)
    {
        if (TryTakeBack(entry, out Delivery? delivery))
        {
            Add(delivery, first: true);
        }
    }

    /// <summary>Ends the readers once they have read the messages that the broker has.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _completed = true;
        }

        Attend();
    }

    /// <summary>Drops prefetched messages, which count as done.</summary>
    /// <returns>The number of dropped messages.</returns>
    public int Clear()
    {
        Delivery[] all = TakeAhead();
        Array.ForEach(all, delivery => settler.Settle(delivery, new Settlement(SettlementKind.Done)));
        return all.Length;
    }

    /// <summary>Stops the readers at once.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _completed = true;
            _ended = true;
        }

        while (TakeReader() is { } reader)
        {
            reader.Serve(new ReadResult(ReadOutcome.Ended, default));
        }
    }

    // Called by the driver for each delivered message, on its own thread.
    private void Deliver(Delivery delivery)
    {
        if (options.MaxDeliveries > 0 && delivery.Count > options.MaxDeliveries)
        {
            settler.Settle(delivery,
                new Settlement(SettlementKind.Dead, MessagingErrors.TooManyDeliveries(delivery.Count - 1, options.MaxDeliveries)));
            return;
        }

        Add(delivery, first: false);
    }

    private void Add(Delivery delivery, bool first)
    {
        Waiter<ReadResult>? reader;
        lock (_lock)
        {
            reader = Waiter<ReadResult>.Next(_readers);
            if (reader is null && first)
            {
                _ahead.AddFirst(delivery);
            }
            else if (reader is null)
            {
                _ahead.AddLast(delivery);
            }
        }

        if (reader is not null && TryHandOut(delivery, out QueueEntry entry))
        {
            reader.Serve(new ReadResult(ReadOutcome.Item, entry));
        }
        else
        {
            // A message that cannot be read is not an item: the reader tries again.
            reader?.Serve(new ReadResult(ReadOutcome.Empty, default));
        }
    }

    private bool TryHandOut(Delivery delivery, out QueueEntry entry)
    {
        // The broker redelivers the messages of a lost session to another reader.
        if (delivery.Session != keeper.Current)
        {
            entry = default;
            return false;
        }

        object? value;
        try
        {
            value = options.Read(delivery);
        }
        catch (FormatException e)
        {
            settler.Settle(delivery, new Settlement(SettlementKind.Dead, MessagingErrors.BodyUnreadable(e)));
            entry = default;
            return false;
        }

        lock (_lock)
        {
            entry = new QueueEntry(value, delivery.Properties.Priority, ++_sequence, delivery.Count);
            _handedOut.Add(entry.Sequence, delivery);
        }

        Interlocked.Increment(ref _received);
        return true;
    }

    private bool TryTakeBack(in QueueEntry entry, [NotNullWhen(true)] out Delivery? delivery)
    {
        lock (_lock)
        {
            return _handedOut.Remove(entry.Sequence, out delivery);
        }
    }

    private Settlement Fate(Delivery delivery, string? reason)
        => options.RetryDelay is { } delay && (options.MaxDeliveries == 0 || delivery.Count < options.MaxDeliveries)
            ? new Settlement(SettlementKind.Again, reason, delay)
            : new Settlement(SettlementKind.Dead, reason);

    private Delivery[] TakeAhead()
    {
        lock (_lock)
        {
            Delivery[] all = [.. _ahead];
            _ahead.Clear();
            return all;
        }
    }

    private Waiter<ReadResult>? TakeReader()
    {
        lock (_lock)
        {
            return Waiter<ReadResult>.Next(_readers);
        }
    }
}

/// <summary>How messages are received.</summary>
/// <param name="Prefetch">The largest number of delivered, unsettled messages.</param>
/// <param name="MaxDeliveries">The largest number of deliveries of a message; 0 for no limit.</param>
/// <param name="RetryDelay">How long a failed message waits before it is delivered again; null if it is not.</param>
/// <param name="Read">Converts a message to an object.</param>
/// <param name="Failed">Called with the reason when nothing can be received.</param>
internal sealed record ReceiveOptions(
    int Prefetch, int MaxDeliveries, TimeSpan? RetryDelay, Func<Delivery, object?> Read, Action<MessagingException> Failed);
