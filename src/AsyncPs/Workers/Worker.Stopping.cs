using System.Diagnostics;
using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <content>How a worker is stopped, interrupted and abandoned.</content>
internal sealed partial class Worker
{
    // For a stop that is on its way: the pipeline ends only after it has arrived.
    private static readonly TimeSpan StopWaitLimit = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Stops the work of the worker, as PowerShell does, which ends scripts, pipelines and native commands. <see cref="StopEscalation"/>
    /// handles what resists.
    /// </summary>
    /// <param name="team">The team that asks: a worker that serves another team by now is not stopped.</param>
    /// <param name="item">The item to stop, or null to stop whatever runs.</param>
    /// <param name="stop">The number of the stop: soon after, the worker may run something else and be told to stop that.</param>
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

    /// <summary>Makes an item stoppable again after the rest of its block has had time to run.</summary>
    public void Unshield(WorkItem item)
    {
        lock (_gate)
        {
            _shielded &= _current != item;
        }
    }

    /// <summary>Abandons a worker that was told to stop and cannot. It ends if its code ever returns.</summary>
    /// <param name="stop">The number of the stop.</param>
    /// <param name="item">The item that it runs, for the team to end; null if there is none.</param>
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
    /// Called when the worker's pipeline is stopped. If the module did not stop it, its session is being closed (the process exits, or
    /// other code disposed the runspace) and waits for the pipeline to end.
    /// </summary>
    public void PipelineStopping()
    {
        lock (_gate)
        {
            _stopArrived = true;
            _stopWaiter?.TrySetResult();
            _stopWaiter = null;
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
                InterruptThread(isLast: false);
            }
        }
    }

    /// <summary>
    /// Called on the worker's thread before it ends the block because its item must end: waits for the stop that is on the way. A stop
    /// that arrived while a finally block runs would end that too.
    /// </summary>
    public void AwaitStop()
    {
        long start = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (!_stopArrived && StopTimes.Grace - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } left)
            {
                try
                {
                    Monitor.Wait(_gate, left);
                }
                catch (ThreadInterruptedException)
                {
                    // Meant for what the block waits for.
                    _interrupted = false;
                }
            }
        }
    }

    // Completes when the worker's pipeline is stopped while it runs the item, or no longer runs it.
    private Task UntilStopped(WorkItem item)
    {
        lock (_gate)
        {
            return _current != item || _stopArrived
                ? Task.CompletedTask
                : (_stopWaiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>
    /// Whether a finally block runs on the worker's thread because of the stop. The stop ends a finally block that ran before it came. Of
    /// an item that was stopped while it was suspended, only finally blocks are left to run.
    /// </summary>
    public bool IsCleaningUp => HasStopArrived && (IsShielded || EngineInternals.IsStopSuspended(Runspace!));

    /// <summary>Whether the stop has reached what runs.</summary>
    public bool HasStopArrived
    {
        get
        {
            lock (_gate)
            {
                return (_stopRequested || _shielded) && _stopArrived;
            }
        }
    }

    private bool IsShielded
    {
        get
        {
            lock (_gate)
            {
                return _shielded;
            }
        }
    }

    /// <summary>
    /// Reports an error of a finally block that runs because the item was stopped: with the item's errors, or as a warning if these are
    /// no longer read.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="error">The error.</param>
    public void FailCleanUp(WorkItem item, ErrorRecord error)
    {
        if (!item.TryFailCleanUp(error))
        {
            LateWarning.Show(Host.Home, CallErrors.CleanUpFailed(item, error));
        }
    }

    /// <summary>
    /// Called when the pipeline is about to end. A pipeline that is being stopped must not end before PowerShell has stopped all of it:
    /// otherwise 7.6 throws on the thread that stops it, which ends the process. The outer parts of the pipeline are stopped right after
    /// this command.
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
}
