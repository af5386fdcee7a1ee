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
    private readonly List<(Breakpoint Own, ScriptBlock? Action)> _breakpoints = [];
    private bool _hasQuit;

    private CallerDebugger(Debugger debugger) => _debugger = debugger;

    /// <summary>Reads the caller's breakpoints, on the caller's thread.</summary>
    /// <param name="files">The files that the code of the blocks comes from.</param>
    /// <param name="waits">Whether a block stops in any case, because it names `Wait-Debugger`.</param>
    /// <returns>Null if there is nothing to stop at.</returns>
    public static CallerDebugger? Of(IReadOnlySet<string> files, bool waits)
    {
        if (EngineInternals.Breakpoints is not { } access
            || Runspace.DefaultRunspace?.Debugger is not { DebugMode: not DebugModes.None } debugger)
        {
            return null;
        }

        CallerDebugger caller = new(debugger);
        foreach (Breakpoint breakpoint in access.Of(debugger))
        {
            if (breakpoint.Enabled && (breakpoint is not LineBreakpoint || files.Contains(breakpoint.Script)))
            {
                // The action of the caller's breakpoint would run in the caller's session.
                caller._breakpoints.Add((breakpoint, breakpoint.Action is { } action ? UnboundBlocks.Get(action) : null));
            }
        }

        bool stops = EngineInternals.IsDebuggerHeard(debugger) && (waits || EngineInternals.IsDebuggerStepping(debugger));
        return stops || caller._breakpoints.Count > 0 ? caller : null;
    }

    /// <summary>Lets it debug a worker until the worker's pipeline ends.</summary>
    /// <param name="worker">The worker.</param>
    public void Attach(Worker worker)
    {
        Attachment attachment = new(this, worker);
        worker.ItemEnded = attachment.CountHits;
        worker.PipelineEnded = attachment.End;
    }

    // Used on the thread of one worker.
    private sealed class Attachment
    {
        private readonly CallerDebugger _caller;
        private readonly Worker _worker;
        private readonly Debugger _debugger;
        private readonly PSStandaloneMonitorRunspaceInfo _monitored;
        private readonly List<(Breakpoint Own, Breakpoint Copy)> _breakpoints = [];
        private readonly List<int> _hits = [];
        private bool _hasTurn;

        public Attachment(CallerDebugger caller, Worker worker)
        {
            _caller = caller;
            _worker = worker;
            _debugger = worker.Runspace!.Debugger;
            _monitored = new PSStandaloneMonitorRunspaceInfo(worker.Runspace);
            foreach ((Breakpoint own, ScriptBlock? action) in caller._breakpoints)
            {
                if (EngineInternals.BreakpointAccess.Copy(own, action) is { } copy)
                {
                    _breakpoints.Add((own, copy));
                    _hits.Add(0);
                }
            }

            // Between these two handlers the caller's debugger handles a stop.
            _debugger.DebuggerStop += TakeTurn;
            DebuggerUtils.StartMonitoringRunspace(caller._debugger, _monitored);
            _debugger.DebuggerStop += GiveTurn;
            EngineInternals.Breakpoints!.Add(_debugger, _breakpoints.Select(static breakpoint => breakpoint.Copy));
        }

        public void End()
        {
            _debugger.DebuggerStop -= TakeTurn;
            DebuggerUtils.EndMonitoringRunspace(_caller._debugger, _monitored);
            _debugger.DebuggerStop -= GiveTurn;
            CountHits();
            foreach ((Breakpoint _, Breakpoint copy) in _breakpoints)
            {
                EngineInternals.Breakpoints!.Remove(_debugger, copy);
            }

            _debugger.SetDebuggerStepMode(false);
            LetOthers();
        }

        // Hits in a worker count as hits of the caller's breakpoints.
        public void CountHits()
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

        private void TakeTurn(object? sender, DebuggerStopEventArgs e)
        {
            Monitor.Enter(_caller, ref _hasTurn);
            if (_caller._hasQuit)
            {
                // The call is about to end, so the caller's debugger does not get this stop.
                LetOthers();
                throw new TerminateException();
            }
        }

        private void GiveTurn(object? sender, DebuggerStopEventArgs e)
        {
            _caller._hasQuit |= e.ResumeAction == DebuggerResumeAction.Stop;
            LetOthers();
            if (e.ResumeAction == DebuggerResumeAction.Stop)
            {
                // The caller's debugger ends the script as soon as the call has ended.
                _worker.Call?.Fail(new TerminateException());
            }
        }

        private void LetOthers()
        {
            if (_hasTurn)
            {
                _hasTurn = false;
                Monitor.Exit(_caller);
            }
        }
    }
}
