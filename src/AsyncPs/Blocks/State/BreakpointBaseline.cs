using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace AsyncPs.Blocks.State;

/// <summary>
/// The breakpoints of a worker's session: copies of the caller's. An item may set, remove, enable and disable breakpoints, which ends
/// with it. What the caller does to breakpoints meanwhile, on another thread, is left alone.
/// </summary>
internal sealed class BreakpointBaseline
{
    // One for each session, which lives as long as the session does: a worker that is stopped doesn't leave its scope.
    private static readonly ConditionalWeakTable<Debugger, BreakpointBaseline> Known = [];

    private readonly Thread _thread = Thread.CurrentThread;
    private readonly Debugger _debugger;
    private readonly List<Breakpoint> _added = [];
    private readonly List<Breakpoint> _removed = [];
    private readonly List<Breakpoint> _toggled = [];
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
    public bool HasChanged => _added.Count + _removed.Count + _toggled.Count > 0;

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

        // After those that were removed are back.
        foreach (Breakpoint breakpoint in _toggled)
        {
            EngineInternals.Breakpoints!.Toggle(_debugger, breakpoint);
        }

        _added.Clear();
        _removed.Clear();
        _toggled.Clear();
    }

    private void Updated(object? sender, BreakpointUpdatedEventArgs e)
    {
        if (!_isWatching || Thread.CurrentThread != _thread)
        {
            return;
        }

        switch (e.UpdateType)
        {
            case BreakpointUpdateType.Set:
                _added.Add(e.Breakpoint);
                break;
            case BreakpointUpdateType.Removed when !_added.Remove(e.Breakpoint):
                _removed.Add(e.Breakpoint);
                break;
            case BreakpointUpdateType.Enabled or BreakpointUpdateType.Disabled
                when !_added.Contains(e.Breakpoint) && !_toggled.Remove(e.Breakpoint):
                _toggled.Add(e.Breakpoint);
                break;
        }
    }
}
