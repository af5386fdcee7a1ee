using System.Reflection;

namespace AsyncPs;

/// <content>Breakpoints, whose public API is newer than PowerShell Standard.</content>
internal static partial class EngineInternals
{
    /// <summary>Gets and sets the breakpoints of debuggers, or null.</summary>
    public static BreakpointAccess? Breakpoints { get; } = BreakpointAccess.Create();

    /// <summary>Whether a debugger has a handler for its stops. True if the engine does not show it.</summary>
    public static Func<Debugger, bool> IsDebuggerHeard { get; }
        = CreateDebuggerQuestion("IsDebugHandlerSubscribed") ?? (static _ => true);

    /// <summary>Whether a debugger is stepping. False if the engine does not show it.</summary>
    public static Func<Debugger, bool> IsDebuggerStepping { get; }
        = CreateDebuggerQuestion("IsDebuggerSteppingEnabled") ?? (static _ => false);

    // Set when the user has quit a debugger while the debugger of another session was at a stop.
    private static readonly FieldInfo? HasQuit
        = typeof(Debugger).Assembly.GetType("System.Management.Automation.ScriptDebugger")?.GetField("_nestedDebuggerStop", Members);

    /// <summary>
    /// Makes a debugger forget that it was quit. Otherwise the code under it would end at its next statement, which is in a finally block
    /// if the code is already being ended.
    /// </summary>
    public static void ForgetQuit(Debugger debugger)
    {
        if (HasQuit?.FieldType == typeof(bool) && HasQuit.DeclaringType!.IsInstanceOfType(debugger))
        {
            HasQuit.SetValue(debugger, false);
        }
    }

    private static Func<Debugger, bool>? CreateDebuggerQuestion(string property)
        => typeof(Debugger).GetProperty(property, Members)?.GetMethod?.CreateDelegate<Func<Debugger, bool>>();

    /// <summary>The breakpoints of debuggers.</summary>
    public sealed class BreakpointAccess
    {
        private readonly Func<Debugger, List<Breakpoint>> _get;
        private readonly Action<Debugger, IEnumerable<Breakpoint>> _set;
        private readonly Func<Debugger, Breakpoint, bool> _remove;
        private readonly MethodInfo _enable;
        private readonly MethodInfo _disable;
        private readonly MethodInfo _setHitCount;

        private BreakpointAccess(
            MethodInfo get, MethodInfo set, MethodInfo remove, MethodInfo enable, MethodInfo disable, MethodInfo setHitCount)
        {
            (_enable, _disable) = (enable, disable);
            _get = get.CreateDelegate<Func<Debugger, List<Breakpoint>>>();
            _set = set.CreateDelegate<Action<Debugger, IEnumerable<Breakpoint>>>();
            _remove = remove.CreateDelegate<Func<Debugger, Breakpoint, bool>>();
            _setHitCount = setHitCount;
        }

        /// <summary>Creates the access; null if this version of the engine differs.</summary>
        public static BreakpointAccess? Create()
            => typeof(Debugger).GetMethod("GetBreakpoints", []) is { } get && get.ReturnType == typeof(List<Breakpoint>)
                && typeof(Debugger).GetMethod("SetBreakpoints", [typeof(IEnumerable<Breakpoint>)]) is { } set
                && typeof(Debugger).GetMethod("RemoveBreakpoint", [typeof(Breakpoint)]) is { } remove && remove.ReturnType == typeof(bool)
                && typeof(Debugger).GetMethod("EnableBreakpoint", [typeof(Breakpoint)]) is { } enable
                && typeof(Debugger).GetMethod("DisableBreakpoint", [typeof(Breakpoint)]) is { } disable
                && typeof(Breakpoint).GetProperty(nameof(Breakpoint.HitCount), Members)?.SetMethod is { } setHitCount
                    ? new BreakpointAccess(get, set, remove, enable, disable, setHitCount)
                    : null;

        /// <summary>The breakpoints of a debugger.</summary>
        public List<Breakpoint> Of(Debugger debugger) => _get(debugger);

        /// <summary>Adds breakpoints to a debugger.</summary>
        public void Add(Debugger debugger, IEnumerable<Breakpoint> breakpoints) => _set(debugger, breakpoints);

        /// <summary>Removes a breakpoint from a debugger.</summary>
        public void Remove(Debugger debugger, Breakpoint breakpoint) => _remove(debugger, breakpoint);

        /// <summary>Enables a breakpoint that is disabled, and disables one that is enabled.</summary>
        public void Toggle(Debugger debugger, Breakpoint breakpoint)
            => (breakpoint.Enabled ? _disable : _enable).Invoke(debugger, [breakpoint]);

        /// <summary>Adds hits that happened in another debugger.</summary>
        public void AddHits(Breakpoint breakpoint, int hits)
        {
            lock (breakpoint)
            {
                _setHitCount.Invoke(breakpoint, [breakpoint.HitCount + hits]);
            }
        }

        /// <summary>Copies a breakpoint for another debugger, because a breakpoint stores where it is bound.</summary>
        /// <param name="breakpoint">The breakpoint.</param>
        /// <param name="action">What the copy does when it is hit, instead of a stop; or null.</param>
        /// <returns>Null for an unknown kind.</returns>
        public static Breakpoint? Copy(Breakpoint breakpoint, ScriptBlock? action) => breakpoint switch
        {
            LineBreakpoint line => Make<LineBreakpoint>(line.Script, line.Line, line.Column, action, line.Id),
            CommandBreakpoint command => Make<CommandBreakpoint>(
                command.Script, new WildcardPattern(command.Command, WildcardOptions.IgnoreCase), command.Command, action, command.Id),
            VariableBreakpoint variable => Make<VariableBreakpoint>(
                variable.Script, variable.Variable, variable.AccessMode, action, variable.Id),
            _ => null,
        };

        private static T? Make<T>(params object?[] arguments)
            where T : Breakpoint
            => (T?)Array.Find(typeof(T).GetConstructors(), constructor => constructor.GetParameters() is { } parameters
                && parameters.Length == arguments.Length
                && parameters[^1].ParameterType == typeof(int)
                && parameters[^2].ParameterType == typeof(ScriptBlock))?.Invoke(arguments);
    }
}
