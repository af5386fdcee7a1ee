namespace AsyncPs.Concurrency;

/// <summary>
/// A thread that takes items from a <see cref="WorkQueue"/> and sleeps when there are none. Each consumer sleeps on its own, so that
/// the queue can wake the one that fell asleep last: its data is still in the processor's caches. The others stay asleep as long as
/// it keeps up.
/// </summary>
internal class ItemConsumer
{
    private bool _awake;

    /// <summary>Called before the queue registers that this consumer sleeps.</summary>
    public virtual void FallAsleep() => Volatile.Write(ref _awake, false);

    /// <summary>Whether it has items of its own, even if none of them can continue yet. Then it stays.</summary>
    public virtual bool HasOwn => false;

    /// <summary>Whether it takes items that have not started.</summary>
    public virtual bool TakesNew => true;

    /// <summary>Whether it takes its own items before those that have not started.</summary>
    public virtual bool PrefersOwn => false;

    /// <summary>Takes one of this consumer's own items that can continue.</summary>
    public virtual bool TryTakeOwn([NotNullWhen(true)] out WorkItem? item)
    {
        item = null;
        return false;
    }

    /// <summary>Sleeps until woken.</summary>
    /// <param name="timeout">The longest sleep, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <returns>False when the time ran out first.</returns>
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

    /// <summary>Wakes the consumer.</summary>
    public virtual void Wake()
    {
        lock (this)
        {
            _awake = true;
            Monitor.Pulse(this);
        }
    }
}
