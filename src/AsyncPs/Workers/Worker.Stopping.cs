using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <content>How a worker is stopped: told, interrupted, let go of.</content>
internal sealed partial class Worker
{
    // The id that PowerShell gives a command whose module could not be loaded.
    private const string CutLoading = "CouldNotAutoloadMatchingModule";

    // For a stop that was begun to get here: the pipeline ends only after it.
    private static readonly TimeSpan StopWaitLimit = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Stops what the worker runs, as PowerShell does, which ends scripts, pipelines and native commands. What resists that
    /// is <see cref="StopEscalation"/>'s.
    /// </summary>
    /// <param name="team">Who asks: a worker that has gone on to another team is not stopped.</param>
    /// <param name="item">The item to stop, or null to stop whatever runs.</param>
    /// <param name="stop">Which of the worker's stops this is: soon after, it may run and be told to stop something else.</param>
    /// <returns>False when there is nothing to stop.</returns>
    public bool RequestStop(WorkerTeam team, WorkItem? item, out int stop)
    {
        stop = 0;
        PowerShell? pipeline;
        lock (_gate)
        {
            if (_team != team || _abandoned || _stopRequested || _shielded || (item is not null && _current != item))
            {
                return false;
            }

            _stopRequested = _streams.IsStopping = true;
            stop = ++_stops;
            pipeline = _pipeline;
        }

        if (pipeline is not null)
        {
            PipelineStop.Begin(pipeline);
        }

        return true;
    }

    /// <summary>What is left of an item's block has had its time: it can be stopped from now on.</summary>
    public void Unshield(WorkItem item)
    {
        lock (_gate)
        {
            _shielded &= _current != item;
        }
    }

    /// <summary>Interrupts the thread, which ends sleeps, waits and locks, if the worker was told to stop and has not.</summary>
    /// <param name="stop">The stop that it was told.</param>
    /// <param name="finallyToo">Whether a finally block is interrupted as well: its time is over.</param>
    /// <returns>False when the worker has stopped.</returns>
    public bool Interrupt(int stop, bool finallyToo)
    {
        lock (_gate)
        {
            if (!IsStopping(stop))
            {
                return false;
            }

            // A finally block that runs because of the stop has the whole grace period.
            if ((_current is not null || _preparing) && (finallyToo || !(_stopArrived && EngineInternals.IsStopSuspended(Runspace!))))
            {
                _interrupted = true;
                _thread.Interrupt();
            }

            return true;
        }
    }

    /// <summary>Lets go of a worker that was told to stop and cannot: it ends by itself if it ever comes back.</summary>
    /// <param name="stop">The stop that it was told.</param>
    /// <param name="item">The item it holds on to, for the team to end; null if there is none.</param>
    /// <returns>False when the worker has stopped.</returns>
    public bool Abandon(int stop, out WorkItem? item)
    {
        lock (_gate)
        {
            item = _current;
            if (!IsStopping(stop))
            {
                return false;
            }

            _abandoned = true;
            _streams.Item = null;
            return true;
        }
    }

    /// <summary>
    /// Called when the worker's pipeline is stopped. If it was not this module that stopped it, its session is being closed
    /// (the process exits, or somebody disposed the runspace) and waits for the pipeline to end.
    /// </summary>
    public void PipelineStopping()
    {
        lock (_gate)
        {
            _stopArrived = true;
            if (_stopRequested)
            {
                Monitor.PulseAll(_gate);
                return;
            }

            _stopRequested = true;
            _retired = true;
            _closedFromOutside = true;
            if (_current is null)
            {
                _interrupted = true;
                _thread.Interrupt();
            }
        }
    }

    /// <summary>
    /// Called on the worker's thread before it ends the block because its item must end: waits for the stop that is on the way. One
    /// that came when a finally block runs already would end that too.
    /// </summary>
    public void AwaitStop()
    {
        lock (_gate)
        {
            try
            {
                if (!_stopArrived)
                {
                    Monitor.Wait(_gate, StopTimes.Grace);
                }
            }
            catch (ThreadInterruptedException)
            {
                _interrupted = false;
            }
        }
    }

    /// <summary>
    /// Whether what runs is a finally block, on the worker's thread, of what the stop has ended. One that ran before that came is ended
    /// by it.
    /// </summary>
    public bool IsCleaningUp => HasStopArrived && EngineInternals.IsStopSuspended(Runspace!);

    /// <summary>Whether what runs was told to stop and knows.</summary>
    public bool HasStopArrived
    {
        get
        {
            lock (_gate)
            {
                return _stopRequested && _stopArrived;
            }
        }
    }

    /// <summary>
    /// Tells of an error in a finally block that runs because the item was stopped: with the item's errors, or if nobody takes these,
    /// as a warning.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="error">The error.</param>
    public void FailCleanUp(WorkItem item, ErrorRecord error)
    {
        // The stop itself has cut the loading of a module, whatever that says of it.
        bool isOfStop = error.FullyQualifiedErrorId.StartsWith(CutLoading, StringComparison.Ordinal);
        if (!isOfStop && !item.TryFailCleanUp(error))
        {
            LateWarning.Show(Host.Home, CallErrors.CleanUpFailed(item, error));
        }
    }

    /// <summary>
    /// Called when the pipeline is about to end. One that is being stopped must not be gone before PowerShell has told all of it: 7.6
    /// then fails on the thread that stops it, and the process with it. The outer parts of the pipeline are told right after this
    /// command.
    /// </summary>
    public void LetStopFinish()
    {
        if (!StopRequested)
        {
            return;
        }

        try
        {
            lock (_gate)
            {
                if (!_stopArrived)
                {
                    Monitor.Wait(_gate, StopWaitLimit);
                }
            }

            Thread.Sleep(1);
        }
        catch (ThreadInterruptedException)
        {
            lock (_gate)
            {
                _interrupted = false;
            }
        }
    }

    private bool IsStopping(int stop) => _stopRequested && _stops == stop && !_abandoned && _team is not null;

    // Under the gate: takes back an interrupt that came too late, so that it does not hit whatever the thread does next.
    private void ClearInterrupt()
    {
        if (!_interrupted)
        {
            return;
        }

        _interrupted = false;
        try
        {
            Thread.Sleep(1);
        }
        catch (ThreadInterruptedException)
        {
            // That was it.
        }
    }
}
