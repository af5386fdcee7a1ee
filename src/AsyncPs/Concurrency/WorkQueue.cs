using System.Collections.Concurrent;

namespace AsyncPs.Concurrency;

/// <summary>
/// The items of one call that wait to run: bounded, and aware of the call's limit. It is a channel and a semaphore in one, so taking an
/// item and taking a place under the limit are a single step. Adding and taking are lock-free: the pipeline thread and the consumers
/// meet here for every item, and a contended lock costs more than a short item.
/// </summary>
/// <param name="limit">How many items may be in flight (taken and not yet released).</param>
/// <param name="capacity">How many items may wait.</param>
/// <param name="output">The buffer for the items' records.</param>
internal sealed class WorkQueue(int limit, int capacity, OutputBuffer output)
{
    // How often a consumer looks for an item before it sleeps: about as long as waking it would take.
    private const int SpinRounds = 10;

    // In spins, which .NET makes last about 40 ns each: time for a few items to arrive, so that they are taken in a row.
    private const int SpinsPerRound = 100;

    // That many times more short items may wait: they are little work, and the pipeline thread can sleep longer.
    private const int ShortItemFactor = 8;

    private const long OneWaiting = 1;
    private const long OneInFlight = 1L << 32;

    private readonly ConcurrentQueue<WorkItem> _waiting = new();
    private readonly ConcurrentQueue<WorkItem> _resumed = new();
    private readonly List<ItemConsumer> _sleepers = [];
    private int _sleeperCount;
    private int _spinners;
    private long _added;
    private long _resumedEver;

    // The number of waiting items (low half) and of items in flight (high half), so that one step changes both.
    private long _state;
    private bool _itemsAreShort;
    private bool _closed;
    private bool _abandoned;
    private int _limit = limit;

    /// <summary>How many items may be in flight.</summary>
    public int Limit
    {
        get => Volatile.Read(ref _limit);
        set => Volatile.Write(ref _limit, value);
    }

    /// <summary>Whether input comes faster than it is taken.</summary>
    public bool IsBackedUp => Count >= Capacity / 2;

    /// <summary>Whether no item can be added.</summary>
    public bool IsFull => Count >= Capacity || Volatile.Read(ref _closed);

    /// <summary>Whether one more item would run at once, or after a wait so short that it can be queued.</summary>
    public bool HasPlace => ItemsAreShort ? !IsFull : HasFreePlace;

    /// <summary>
    /// As <see cref="HasPlace"/>, for a caller that had to wait: if items are short, one item per wake-up is too few.
    /// </summary>
    public bool HasPlaceAgain => ItemsAreShort ? !IsBackedUp && !IsFull : HasFreePlace;

    /// <summary>Whether more items could run than there are.</summary>
    public bool HasPlaceForMore => HasFreePlace;

    /// <summary>How many items wait to run for the first time.</summary>
    public int Count => Waiting(Volatile.Read(ref _state));

    /// <summary>How many items wait to run, for the first time or again.</summary>
    public int Pending => Count + _resumed.Count;

    /// <summary>A snapshot of the items that wait to run again.</summary>
    public IReadOnlyList<WorkItem> Resumed => [.. _resumed];

    /// <summary>How many items could be taken at this moment; the others wait for a place under the limit.</summary>
    public int Takeable
    {
        get
        {
            long state = Volatile.Read(ref _state);
            return Volatile.Read(ref _abandoned) ? 0 : _resumed.Count + Math.Min(Waiting(state), Math.Max(0, Limit - InFlight(state)));
        }
    }

    /// <summary>How many items have been taken and have not ended.</summary>
    public int InFlightCount => InFlight(Volatile.Read(ref _state));

    /// <summary>How many items were ever taken; a resumed item counts again.</summary>
    public long Taken => Volatile.Read(ref _added) + Volatile.Read(ref _resumedEver) - Count - _resumed.Count;

    /// <summary>How many consumers sleep because there is nothing to take.</summary>
    public int Sleepers => Volatile.Read(ref _sleeperCount);

    /// <summary>Whether items have turned out so short that waking a consumer for each would cost more than it gains.</summary>
    public bool ItemsAreShort
    {
        get => Volatile.Read(ref _itemsAreShort);
        set
        {
            Volatile.Write(ref _itemsAreShort, value);
            output.InBatches = value;
        }
    }

    /// <summary>Whether items come and go so quickly that the pipeline thread takes and writes many at a time.</summary>
    public bool IsInBatches => ItemsAreShort || output.InBatches;

    /// <summary>Whether the waiting items will not run.</summary>
    public bool IsAbandoned => Volatile.Read(ref _abandoned);

    /// <summary>Whether no more items can be taken.</summary>
    public bool IsDrained => Volatile.Read(ref _abandoned) || (Volatile.Read(ref _closed) && Count == 0 && _resumed.IsEmpty);

    /// <summary>Adds an item, unless the queue is full or closed. One thread at a time.</summary>
    public bool TryAdd(WorkItem item)
    {
        if (IsFull)
        {
            return false;
        }

        _waiting.Enqueue(item);
        _added++;
        WakeIfNeeded(Interlocked.Add(ref _state, OneWaiting));
        return true;
    }

    /// <summary>Counts as in flight an item that will come to the queue by <see cref="Resume"/>.</summary>
    public void Reserve() => Interlocked.Add(ref _state, OneInFlight);

    /// <summary>Queues an item again that was put aside, before the waiting ones: it has kept its place under the limit.</summary>
    public void Resume(WorkItem item)
    {
        _resumed.Enqueue(item);
        Interlocked.Increment(ref _resumedEver);
        if (Volatile.Read(ref _spinners) == 0)
        {
            PopSleeper()?.Wake();
        }
    }

    /// <summary>Takes an item and a place under the limit; sleeps until both are available.</summary>
    /// <param name="consumer">The consumer that takes it.</param>
    /// <param name="timeout">The longest sleep, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="item">The item.</param>
    /// <returns>False when the queue is closed and empty, or when the time ran out.</returns>
    /// <exception cref="ThreadInterruptedException">The thread was told to stop while it slept.</exception>
    public bool Take(ItemConsumer consumer, TimeSpan timeout, [NotNullWhen(true)] out WorkItem? item)
    {
        while (true)
        {
            if (TryTake(consumer, out item))
            {
                return true;
            }

            if (IsDrained && !consumer.HasOwn)
            {
                return false;
            }

            output.Flush();
            if (Spin(consumer, out item))
            {
                return true;
            }

            Park(consumer);
            // An item may have come before this consumer was visible as sleeping.
            if (TryTake(consumer, out item))
            {
                Unpark(consumer);
                return true;
            }

            bool hasOwn = consumer.HasOwn;
            if (IsDrained && !hasOwn)
            {
                Unpark(consumer);
                return false;
            }

            if (!Sleep(consumer, hasOwn ? Timeout.InfiniteTimeSpan : timeout))
            {
                return false;
            }
        }
    }

    /// <summary>Takes an item and a place under the limit without blocking a thread. Null when the queue is closed and empty.</summary>
    public async ValueTask<WorkItem?> TakeAsync(AsyncItemConsumer consumer)
    {
        while (true)
        {
            if (TryTake(out WorkItem? item))
            {
                return item;
            }

            if (IsDrained)
            {
                return null;
            }

            output.Flush();
            Park(consumer);
            if (TryTake(out item) || IsDrained)
            {
                Unpark(consumer);
                return item;
            }

            await consumer.SleepAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Frees the place of an item that has ended.</summary>
    public void Release()
    {
        long state = Interlocked.Add(ref _state, -OneInFlight);
        if (InFlight(state) == Limit - 1)
        {
            WakeIfNeeded(state);
        }
    }

    /// <summary>Wakes a sleeping consumer for an item of its own.</summary>
    public void Wake(ItemConsumer consumer)
    {
        Unpark(consumer);
        consumer.Wake();
    }

    /// <summary>Wakes a sleeping consumer because the consumers that are awake make no progress.</summary>
    public void WakeOne()
    {
        if (Takeable > 0)
        {
            PopSleeper()?.Wake();
        }
    }

    /// <summary>Accepts no more items: consumers get the rest, then false.</summary>
    public void Complete()
    {
        Volatile.Write(ref _closed, true);
        while (PopSleeper() is { } consumer)
        {
            consumer.Wake();
        }
    }

    /// <summary>Closes the queue and gives up the waiting items.</summary>
    public void Abandon()
    {
        Volatile.Write(ref _abandoned, true);
        Complete();
    }

    /// <summary>Takes an item that waits to be resumed.</summary>
    public bool TryTakeResumed([NotNullWhen(true)] out WorkItem? item) => _resumed.TryDequeue(out item);

    /// <summary>Removes an item that will not run from an abandoned queue.</summary>
    public bool TryDrop([NotNullWhen(true)] out WorkItem? item)
    {
        if (_waiting.TryDequeue(out item))
        {
            Interlocked.Add(ref _state, -OneWaiting);
            return true;
        }

        return false;
    }

    private bool HasFreePlace
    {
        get
        {
            long state = Volatile.Read(ref _state);
            return Waiting(state) + InFlight(state) < Limit && !Volatile.Read(ref _closed);
        }
    }

    private int Capacity => IsInBatches ? capacity * ShortItemFactor : capacity;

    private static int Waiting(long state) => (int)state;

    private static int InFlight(long state) => (int)(state >> 32);

    private bool TryTake(ItemConsumer consumer, [NotNullWhen(true)] out WorkItem? item)
        => (consumer.PrefersOwn && consumer.TryTakeOwn(out item))
            || (consumer.TakesNew && TryTake(out item))
            || consumer.TryTakeOwn(out item);

    /// <summary>Takes an item and a place under the limit, if both are there.</summary>
    public bool TryTake([NotNullWhen(true)] out WorkItem? item)
    {
        item = null;
        if (!_resumed.IsEmpty && !Volatile.Read(ref _abandoned) && TryTakeResumed(out item))
        {
            return true;
        }

        long state = Volatile.Read(ref _state);
        while (!Volatile.Read(ref _abandoned) && Waiting(state) > 0 && InFlight(state) < Limit)
        {
            long before = Interlocked.CompareExchange(ref _state, state + OneInFlight - OneWaiting, state);
            if (before == state)
            {
                return Dequeue(state, out item);
            }

            state = before;
        }

        return false;
    }

    private bool Dequeue(long state, [NotNullWhen(true)] out WorkItem? item)
    {
        if (output.ReaderSleeps && Waiting(state) <= Capacity / 2)
        {
            output.WakeUp();
        }

        if (_waiting.TryDequeue(out item))
        {
            return true;
        }

        // The call was stopped and the item dropped in the meantime.
        Interlocked.Add(ref _state, OneWaiting - OneInFlight);
        return false;
    }

    private bool Spin(ItemConsumer consumer, [NotNullWhen(true)] out WorkItem? item)
    {
        Interlocked.Increment(ref _spinners);
        try
        {
            for (int round = 0; round < SpinRounds; round++)
            {
                if (TryTake(consumer, out item))
                {
                    return true;
                }

                // Looking without a pause would take the queue's memory from the pipeline thread at every item, and the
                // processor from threads that have work.
                Thread.SpinWait(SpinsPerRound);
                Thread.Yield();
            }

            item = null;
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref _spinners);
        }
    }

    // A consumer that is looking gets the item anyway. With short items, so does a running one, almost at once. Whether more
    // consumers would help is decided by code that sees the whole: see WakeOne.
    private void WakeIfNeeded(long state)
    {
        if (Volatile.Read(ref _sleeperCount) == 0 || Waiting(state) == 0 || Volatile.Read(ref _spinners) > 0)
        {
            return;
        }

        int inFlight = InFlight(state);
        if (inFlight < Limit && (inFlight == 0 || !ItemsAreShort))
        {
            PopSleeper()?.Wake();
        }
    }

    private ItemConsumer? PopSleeper()
    {
        lock (_sleepers)
        {
            if (_sleepers.Count == 0)
            {
                return null;
            }

            ItemConsumer consumer = _sleepers[^1];
            _sleepers.RemoveAt(_sleepers.Count - 1);
            _sleeperCount = _sleepers.Count;
            return consumer;
        }
    }

    private void Park(ItemConsumer consumer)
    {
        consumer.FallAsleep();
        if (!consumer.TakesNew)
        {
            return;
        }

        lock (_sleepers)
        {
            _sleepers.Add(consumer);
            Interlocked.Exchange(ref _sleeperCount, _sleepers.Count);
        }
    }

    // False when another thread has just taken it out to wake it.
    private bool Unpark(ItemConsumer consumer)
    {
        lock (_sleepers)
        {
            bool slept = _sleepers.Remove(consumer);
            _sleeperCount = _sleepers.Count;
            return slept;
        }
    }

    private bool Sleep(ItemConsumer consumer, TimeSpan timeout)
    {
        try
        {
            return consumer.Sleep(timeout) || !Unpark(consumer);
        }
        catch (ThreadInterruptedException)
        {
            Unpark(consumer);
            throw;
        }
    }
}
