using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace AsyncPs.Blocks.State;

/// <summary>
/// The breakpoints of a worker's session: copies of the caller's. An item may set and remove breakpoints, which ends with it. Breakpoints
/// that the caller sets and removes meanwhile, on another thread, are left alone.
/// </summary>
internal sealed class BreakpointBaseline
{
    // One for each session, which lives as long as the session does: a worker that is stopped doesn't leave its scope.
    private static readonly ConditionalWeakTable<Debugger, BreakpointBaseline> Known = [];

    private readonly Thread _thread = Thread.CurrentThread;
    private readonly Debugger _debugger;
    private readonly List<Breakpoint> _added = [];
    private readonly List<Breakpoint> _removed = [];
    private bool _isWatching;

    private BreakpointBaseline(Debugger debugger)
    {
        _debugger = debugger;
        debugger.BreakpointUpdated += Updated;
    }

    /// <summary>The breakpoints of the session of this thread; null if the engine does not show them.</summary>
    public static BreakpointBaseline? OfThisSession()
        => EngineInternals.Breakpoints is not null && Runspace.DefaultRunspace?.Debugger is { } debugger
            ? Known.GetValue(debugger, static debugger => new BreakpointBaseline(debugger))
            : null;

    /// <summary>Whether an item has changed them.</summary>
    public bool HasChanged => _added.Count + _removed.Count > 0;

    /// <summary>Starts to watch an item.</summary>
    public void Begin() => _isWatching = true;

    /// <summary>Stops watching.</summary>
    public void End() => _isWatching = false;

    /// <summary>Restores the breakpoints.</summary>
    public void Restore()
    {
        End();
        foreach (Breakpoint breakpoint in _added)
        {
            EngineInternals.Breakpoints!.Remove(_debugger, breakpoint);
        }

        if (_removed.Count > 0)
        {
            EngineInternals.Breakpoints!.Add(_debugger, _removed);
        }

        _added.Clear();
        _removed.Clear();
    }

    private void Updated(object? sender, BreakpointUpdatedEventArgs e)
    {
        if (!_isWatching || Thread.CurrentThread != _thread)
        {
            return;
        }

        if (e.UpdateType == BreakpointUpdateType.Set)
        {
            _added.Add(e.Breakpoint);
        }
        else if (e.UpdateType == BreakpointUpdateType.Removed && !_added.Remove(e.Breakpoint))
        {
            _removed.Add(e.Breakpoint);
        }
    }
}
