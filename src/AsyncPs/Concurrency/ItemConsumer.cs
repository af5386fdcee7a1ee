namespace AsyncPs.Concurrency;

/// <summary>
/// A thread that takes items from a <see cref="WorkQueue"/>, and sleeps when there are none. Each sleeps on its own, so that
/// the queue can wake the one that went to sleep last: its data is still in the processor's caches, and the others stay
/// asleep as long as it keeps up.
/// </summary>
internal class ItemConsumer
{
    private bool _awake;

    /// <summary>Called before the queue gets to know that this one sleeps.</summary>
    public virtual void FallAsleep() => Volatile.Write(ref _awake, false);

    /// <summary>Whether it has items of its own, even if none of them can go on yet. Then it stays.</summary>
    public virtual bool HasOwn => false;

    /// <summary>Whether it takes items that have not begun.</summary>
    public virtual bool TakesNew => true;

    /// <summary>Whether those of its own come before those that have not begun.</summary>
    public virtual bool PrefersOwn => false;

    /// <summary>Takes one of its own items that can go on.</summary>
    public virtual bool TryTakeOwn([NotNullWhen(true)] out WorkItem? item)
    {
        item = null;
        return false;
    }

    /// <summary>Sleeps until woken.</summary>
    /// <param name="timeout">How long at the most, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <returns>False when the time was over first.</returns>
    /// <exception cref="ThreadInterruptedException">The thread was told to stop.</exception>
    public bool Sleep(TimeSpan timeout)
    {
        lock (this)
        {
            bool inTime = true;
            while (!_awake && inTime)
            {
                inTime = Monitor.Wait(this, timeout);
            }

            return _awake;
        }
    }

    /// <summary>Wakes it.</summary>
    public virtual void Wake()
    {
        lock (this)
        {
            _awake = true;
            Monitor.Pulse(this);
        }
    }
}
