using System.Management.Automation.Internal;
using System.Management.Automation.Runspaces;
using AsyncPs.Blocks.Capture;
using AsyncPs.Workers;

namespace AsyncPs.Blocks;

/// <summary>
/// The debugger of the caller's session. Its breakpoints are hit in blocks too, and it stops there as it does for Debug-Runspace. One
/// worker stops at a time; the others run on until they hit a breakpoint.
/// </summary>
internal sealed class CallerDebugger
{
    private readonly Debugger _debugger;
    private readonly IReadOnlySet<string> _files;
    private readonly bool _stopsAnyway;
    private readonly List<Attachment> _attached = [];
    private bool _hasQuit;

    private CallerDebugger(Debugger debugger, IReadOnlySet<string> files, bool stopsAnyway)
    {
        _debugger = debugger;
        _files = files;
        _stopsAnyway = stopsAnyway;
    }

    /// <summary>Reads the caller's breakpoints, on the caller's thread.</summary>
    /// <param name="files">The files that the code of the blocks comes from.</param>
    /// <param name="waits">Whether a block may stop without a breakpoint, because it names `Wait-Debugger`.</param>
    /// <returns>Null if there is none.</returns>
    public static CallerDebugger? Of(IReadOnlySet<string> files, bool waits)
        => EngineInternals.Breakpoints is not null && Runspace.DefaultRunspace?.Debugger is { DebugMode: not DebugModes.None } debugger
            ? new CallerDebugger(
                debugger,
                files,
                EngineInternals.IsDebuggerHeard(debugger) && (waits || EngineInternals.IsDebuggerStepping(debugger)))
            : null;

    /// <summary>
    /// Makes it debug a worker until the worker's pipeline ends. The worker is untouched until there is something to stop at.
    /// </summary>
    /// <param name="worker">The worker.</param>
    public void Attach(Worker worker)
    {
        Attachment attachment = new(this, worker);
        worker.PipelineEnded = attachment.End;
        lock (_attached)
        {
            if (_attached.Count == 0)
            {
                _debugger.BreakpointUpdated += Updated;
            }

            _attached.Add(attachment);
        }

        if (_stopsAnyway)
        {
            attachment.Begin();
        }

        foreach (Breakpoint breakpoint in EngineInternals.Breakpoints!.Of(_debugger).Where(IsWanted))
        {
            attachment.Add(breakpoint);
        }
    }

    private bool IsWanted(Breakpoint breakpoint)
        => breakpoint.Enabled && (breakpoint is not LineBreakpoint || _files.Contains(breakpoint.Script));

    // Runs on the thread that sets the breakpoint: the caller's pipeline thread, or a thread of an editor.
    private void Updated(object? sender, BreakpointUpdatedEventArgs e)
    {
        Attachment[] attached;
        lock (_attached)
        {
            attached = [.. _attached];
        }

        // The debuggers of workers also report the copies.
        bool isThere = EngineInternals.Breakpoints!.Of(_debugger).Contains(e.Breakpoint) && IsWanted(e.Breakpoint);
        foreach (Attachment attachment in attached)
        {
            if (isThere)
            {
                attachment.Add(e.Breakpoint);
            }
            else
            {
                attachment.Remove(e.Breakpoint);
            }
        }
    }

    private void Detach(Attachment attachment)
    {
        lock (_attached)
        {
            if (_attached.Remove(attachment) && _attached.Count == 0)
            {
                _debugger.BreakpointUpdated -= Updated;
            }
        }
    }

    // The debugger of one worker.
    private sealed class Attachment(CallerDebugger caller, Worker worker)
    {
        private readonly Debugger _debugger = worker.Runspace!.Debugger;
        private readonly object _gate = new();
        private readonly List<(Breakpoint Own, Breakpoint Copy)> _breakpoints = [];
        private readonly List<int> _hits = [];
        private PSStandaloneMonitorRunspaceInfo? _monitored;
        private bool _hasEnded;
        private bool _hasTurn;

        /// <summary>Makes the caller's debugger stop where this one stops.</summary>
        public void Begin()
        {
            lock (_gate)
            {
                if (_hasEnded || _monitored is not null)
                {
                    return;
                }

                _monitored = new PSStandaloneMonitorRunspaceInfo(worker.Runspace);

                // The caller's debugger is notified of a stop between these two.
                _debugger.DebuggerStop += TakeTurn;
                DebuggerUtils.StartMonitoringRunspace(caller._debugger, _monitored);
                _debugger.DebuggerStop += GiveTurn;
                worker.ItemEnded = CountHits;
            }
        }

        /// <summary>Adds a breakpoint of the caller.</summary>
        public void Add(Breakpoint own)
        {
            lock (_gate)
            {
                // Its own action would run in the caller's session.
                if (!_hasEnded
                    && !_breakpoints.Exists(known => known.Own == own)
                    && EngineInternals.BreakpointAccess.Copy(own, own.Action is { } action ? UnboundBlocks.Get(action) : null) is { } copy)
                {
                    Begin();
                    _breakpoints.Add((own, copy));
                    _hits.Add(0);
                    EngineInternals.Breakpoints!.Add(_debugger, [copy]);
                }
            }
        }

        /// <summary>Removes a breakpoint of the caller.</summary>
        public void Remove(Breakpoint own)
        {
            lock (_gate)
            {
                if (_breakpoints.FindIndex(known => known.Own == own) is var index and >= 0)
                {
                    CountHits();
                    EngineInternals.Breakpoints!.Remove(_debugger, _breakpoints[index].Copy);
                    _breakpoints.RemoveAt(index);
                    _hits.RemoveAt(index);
                }
            }
        }

        public void End()
        {
            caller.Detach(this);
            lock (_gate)
            {
                _hasEnded = true;
                if (_monitored is null)
                {
                    return;
                }

                worker.ItemEnded = null;
                _debugger.DebuggerStop -= TakeTurn;
                DebuggerUtils.EndMonitoringRunspace(caller._debugger, _monitored);
                _debugger.DebuggerStop -= GiveTurn;
                CountHits();
                foreach ((Breakpoint _, Breakpoint copy) in _breakpoints)
                {
                    EngineInternals.Breakpoints!.Remove(_debugger, copy);
                }

                _debugger.SetDebuggerStepMode(false);
            }

            LetOthers();
        }

        // Adds the hits in the worker to the caller's breakpoints.
        private void CountHits()
        {
            lock (_gate)
            {
                for (int i = 0; i < _hits.Count; i++)
                {
                    (Breakpoint own, Breakpoint copy) = _breakpoints[i];
                    if (copy.HitCount != _hits[i])
                    {
                        EngineInternals.Breakpoints!.AddHits(own, copy.HitCount - _hits[i]);
                        _hits[i] = copy.HitCount;
                    }
                }
            }
        }

        private void TakeTurn(object? sender, DebuggerStopEventArgs e)
        {
            Monitor.Enter(caller, ref _hasTurn);
            if (caller._hasQuit)
            {
                // The call is about to end, so the caller's debugger does not get this stop.
                LetOthers();
                throw new TerminateException();
            }
        }

        private void GiveTurn(object? sender, DebuggerStopEventArgs e)
        {
            caller._hasQuit |= e.ResumeAction == DebuggerResumeAction.Stop;
            LetOthers();
            if (e.ResumeAction == DebuggerResumeAction.Stop)
            {
                // The caller's debugger ends the script as soon as the call has ended.
                worker.Call?.Fail(new TerminateException());
            }
        }

        private void LetOthers()
        {
            if (_hasTurn)
            {
                _hasTurn = false;
                Monitor.Exit(caller);
            }
        }
    }
}
