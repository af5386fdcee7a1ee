namespace AsyncPs.Workers;

/// <content>Interrupts of the worker's thread, and code that they must not end.</content>
internal sealed partial class Worker : IInterrupts
{
    private int _postponements;

    // Whether a postponed interrupt is the last one before the worker is abandoned. Earlier ones are repeated anyway.
    private bool _lastPostponed;
    private bool _lastSent;

    /// <summary>Interrupts the thread of a worker that was told to stop and still runs. That ends sleeps, waits and locks.</summary>
    /// <param name="stop">The number of the stop.</param>
    /// <param name="finallyToo">Whether a finally block is interrupted too, because its time is over.</param>
    /// <returns>False when the worker has stopped.</returns>
    public bool Interrupt(int stop, bool finallyToo)
    {
        lock (_gate)
        {
            if (!IsStopping(stop))
            {
                return false;
            }

            // A finally block that runs because of the stop has the whole grace period. If the stop is still on its way, for example
            // because processors are busy, an interrupt would start the finally block before the stop arrives, which would then end the
            // block.
            if ((_current is not null || _preparing) && (finallyToo || (_stopArrived && !EngineInternals.IsStopSuspended(Runspace!))))
            {
                if (_postponements > 0)
                {
                    _lastPostponed |= finallyToo;
                }
                else
                {
                    InterruptThread(isLast: finallyToo);
                }
            }

            return true;
        }
    }

    /// <inheritdoc/>
    public void Postpone()
    {
        bool interrupted = EnterGate();
        try
        {
            if (_postponements++ == 0)
            {
                // Not the other way around: it may have been sent twice.
                _lastPostponed = (ClearInterrupt() || interrupted) && _lastSent;
            }
        }
        finally
        {
            Monitor.Exit(_gate);
        }
    }

    /// <inheritdoc/>
    public void Resume()
    {
        EnterGate();
        try
        {
            if (--_postponements == 0 && _lastPostponed)
            {
                _lastPostponed = false;
                InterruptThread(isLast: true);
            }
        }
        finally
        {
            Monitor.Exit(_gate);
        }
    }

    // Under the gate.
    private void InterruptThread(bool isLast)
    {
        _interrupted = true;
        _lastSent = isLast;
        _thread.Interrupt();
    }

    // On the worker's thread. Returns whether it was interrupted.
    private bool EnterGate()
    {
        bool interrupted = false;
        while (true)
        {
            try
            {
                Monitor.Enter(_gate);
                return interrupted;
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        }
    }

    // Under the gate: clears an interrupt that came too late, so that it does not hit the thread's next work. Returns whether there was
    // one that had not taken effect.
    private bool ClearInterrupt()
    {
        if (!_interrupted)
        {
            return false;
        }

        _interrupted = false;
        try
        {
            Thread.Sleep(1);
            return false;
        }
        catch (ThreadInterruptedException)
        {
            return true;
        }
    }
}
