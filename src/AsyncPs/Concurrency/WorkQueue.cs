using System.Collections.Concurrent;

namespace AsyncPs.Concurrency;

/// <summary>
/// The items of one call that wait to be run: bounded, and aware of the call's limit. It is a channel and a semaphore in
/// one, so that taking an item and taking a place under the limit are a single step. Adding and taking do not lock: the
/// pipeline thread and the takers meet here for every item, and a contended lock costs more than a short item.
/// </summary>
/// <param name="limit">How many items may be in flight (taken and not yet released).</param>
/// <param name="capacity">How many items may wait.</param>
/// <param name="output">Where the items' records go.</param>
internal sealed class WorkQueue(int limit, int capacity, OutputBuffer output)
{
    // How often a taker looks before it sleeps: about as long as waking it would take.
    private const int Looks = 10;

    // In spins, which .NET makes last about 40 ns each: time for a few items to come, so that they are taken in a row.
    private const int PauseBetweenLooks = 100;

    // So many more short items may wait: they are little work, and the pipeline thread gets to sleep for longer.
    private const int ShortItemFactor = 8;

    private const long OneWaiting = 1;
    private const long OneInFlight = 1L << 32;

    private readonly ConcurrentQueue<WorkItem> _waiting = new();
    private readonly List<Taker> _sleepers = [];
    private int _sleeperCount;
    private int _lookers;
    private long _added;

    // How many wait (low half) and how many are in flight (high half), so that one step changes both.
    private long _state;
    private bool _itemsAreShort;
    private bool _closed;

    /// <summary>Whether input comes faster than it is taken.</summary>
    public bool IsBackedUp => Count >= Capacity / 2;

    /// <summary>How many items wait.</summary>
    public int Count => Waiting(Volatile.Read(ref _state));

    /// <summary>How many items have ever been taken.</summary>
    public long Taken => Volatile.Read(ref _added) - Count;

    /// <summary>How many takers sleep because there is nothing to take.</summary>
    public int Sleepers => Volatile.Read(ref _sleeperCount);

    /// <summary>Whether the items have turned out so short that waking somebody for each would cost more than it gains.</summary>
    public bool ItemsAreShort
    {
        get => Volatile.Read(ref _itemsAreShort);
        set
        {
            Volatile.Write(ref _itemsAreShort, value);
            output.InBatches = value;
        }
    }

    /// <summary>Whether the queue is closed and empty.</summary>
    public bool IsDrained => Volatile.Read(ref _closed) && Count == 0;

    /// <summary>Adds an item, unless the queue is full or closed. One thread at a time.</summary>
    public bool TryAdd(WorkItem item)
    {
        if (Count >= Capacity || Volatile.Read(ref _closed))
        {
            return false;
        }

        _waiting.Enqueue(item);
        _added++;
        WakeIfNeeded(Interlocked.Add(ref _state, OneWaiting));
        return true;
    }

    /// <summary>Takes an item and a place under the limit; sleeps until both are to be had. False once the queue is closed and empty.</summary>
    /// <exception cref="ThreadInterruptedException">The thread was told to stop while it slept.</exception>
    public bool Take(Taker taker, [NotNullWhen(true)] out WorkItem? item)
    {
        while (true)
        {
            if (TryTake(out item))
            {
                return true;
            }

            if (IsDrained)
            {
                return false;
            }

            output.Flush();
            if (Look(out item))
            {
                return true;
            }

            Enroll(taker);
            // An item may have come before the others could see this one sleep.
            if (TryTake(out item))
            {
                Withdraw(taker);
                return true;
            }

            if (IsDrained)
            {
                Withdraw(taker);
                return false;
            }

            Sleep(taker);
        }
    }

    /// <summary>Gives back the place of an item that has ended.</summary>
    public void Release()
    {
        long state = Interlocked.Add(ref _state, -OneInFlight);
        if (InFlight(state) == limit - 1)
        {
            WakeIfNeeded(state);
        }
    }

    /// <summary>Wakes a sleeping taker because the ones awake do not get on.</summary>
    public void WakeOne()
    {
        if (Count > 0)
        {
            PopSleeper()?.Wake();
        }
    }

    /// <summary>No more items will come: takers get what is left, then false.</summary>
    public void Close()
    {
        Volatile.Write(ref _closed, true);
        while (PopSleeper() is { } taker)
        {
            taker.Wake();
        }
    }

    /// <summary>Closes the queue and drops what waits in it.</summary>
    public void Abandon()
    {
        Volatile.Write(ref _closed, true);
        while (_waiting.TryDequeue(out _))
        {
            Interlocked.Add(ref _state, -OneWaiting);
        }

        Close();
    }

    private int Capacity => ItemsAreShort ? capacity * ShortItemFactor : capacity;

    private static int Waiting(long state) => (int)state;

    private static int InFlight(long state) => (int)(state >> 32);

    private bool TryTake([NotNullWhen(true)] out WorkItem? item)
    {
        item = null;
        long state = Volatile.Read(ref _state);
        while (Waiting(state) > 0 && InFlight(state) < limit)
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

        // The call was stopped and the item dropped in between.
        Interlocked.Add(ref _state, OneWaiting - OneInFlight);
        return false;
    }

    private bool Look([NotNullWhen(true)] out WorkItem? item)
    {
        Interlocked.Increment(ref _lookers);
        try
        {
            for (int looks = 0; looks < Looks; looks++)
            {
                if (TryTake(out item))
                {
                    return true;
                }

                // Looking all the time would take the queue's memory from the pipeline thread at every item, and the
                // processor from somebody who has work.
                Thread.SpinWait(PauseBetweenLooks);
                Thread.Yield();
            }

            item = null;
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref _lookers);
        }
    }

    // A taker that is just looking gets the item anyway. With short items, so does one that runs, in no time; whether more
    // takers would help is then for those to say who see the whole: see WakeOne.
    private void WakeIfNeeded(long state)
    {
        if (Volatile.Read(ref _sleeperCount) == 0 || Waiting(state) == 0 || Volatile.Read(ref _lookers) > 0)
        {
            return;
        }

        int inFlight = InFlight(state);
        if (inFlight < limit && (inFlight == 0 || !ItemsAreShort))
        {
            PopSleeper()?.Wake();
        }
    }

    private Taker? PopSleeper()
    {
        lock (_sleepers)
        {
            if (_sleepers.Count == 0)
            {
                return null;
            }

            Taker taker = _sleepers[^1];
            _sleepers.RemoveAt(_sleepers.Count - 1);
            _sleeperCount = _sleepers.Count;
            return taker;
        }
    }

    private void Enroll(Taker taker)
    {
        taker.FallAsleep();
        lock (_sleepers)
        {
            _sleepers.Add(taker);
            Interlocked.Exchange(ref _sleeperCount, _sleepers.Count);
        }
    }

    private void Withdraw(Taker taker)
    {
        lock (_sleepers)
        {
            _sleepers.Remove(taker);
            _sleeperCount = _sleepers.Count;
        }
    }

    private void Sleep(Taker taker)
    {
        try
        {
            taker.Sleep();
        }
        catch (ThreadInterruptedException)
        {
            Withdraw(taker);
            throw;
        }
    }
}
