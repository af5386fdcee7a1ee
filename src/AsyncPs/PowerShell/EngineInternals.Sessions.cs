using System.Management.Automation.Runspaces;
using System.Reflection;

namespace AsyncPs;

/// <content>Internals of session states: the session of a block, and lookups that neither load modules nor search folders.</content>
internal static partial class EngineInternals
{
    private static readonly PropertyInfo? InternalOfState = typeof(SessionState).GetProperty("Internal", Members);

    // Declared before the members that use it.
    private static readonly MethodInfo? RunningPipeline = typeof(Runspace).GetMethod("GetCurrentlyRunningPipeline", Members);

    /// <summary>Gets the session that a block is bound to (null for an unbound one), or is null itself.</summary>
    public static Func<ScriptBlock, SessionState?>? SessionOfBlock { get; } = CreateSessionOfBlock();

    /// <summary>Finds a function as code in a session sees it, or is null itself.</summary>
    public static Func<SessionState, string, FunctionInfo?>? FindFunction { get; } = CreateFind<FunctionInfo>("GetFunction");

    /// <summary>Finds an alias as code in a session sees it, or is null itself.</summary>
    public static Func<SessionState, string, AliasInfo?>? FindAlias { get; } = CreateFind<AliasInfo>("GetAlias");

    /// <summary>Finds an imported cmdlet as code in a session sees it, or is null itself.</summary>
    public static Func<SessionState, string, CmdletInfo?>? FindCmdlet { get; } = CreateFind<CmdletInfo>("GetCmdlet");

    /// <summary>
    /// Resets a session as <see cref="Runspace.ResetRunspaceState"/> does, without setting its location. Setting it costs several times as
    /// much as the rest, because PowerShell reads the mounts and looks up the letter case of every folder. The next user of the session
    /// sets it. If the engine does not allow this, the location is set too.
    /// </summary>
    public static Action<Runspace> ResetAllButLocation { get; } = CreateResetAllButLocation()
        ?? (static runspace => runspace.ResetRunspaceState());

    /// <summary>
    /// Whether the system enforces a policy on scripts (on Windows, or as `__PSLockdownPolicy` says there), so that new sessions must not
    /// be in full language mode.
    /// </summary>
    public static Func<bool> IsSystemLockedDown { get; } = CreateIsSystemLockedDown();

    private static Func<bool> CreateIsSystemLockedDown()
    {
        MethodInfo? policy = typeof(PSObject).Assembly
            .GetType("System.Management.Automation.Security.SystemPolicy")?
            .GetMethod("GetSystemLockdownPolicy", []);
        return policy is null ? static () => false : () => policy.Invoke(null, null)?.ToString() == "Enforce";
    }

    /// <summary>
    /// Whether a session that is being stopped runs a finally block: the engine ignores the stop meanwhile. False if it does not show it.
    /// </summary>
    public static Func<Runspace, bool> IsStopSuspended { get; } = CreateIsStopSuspended() ?? (static _ => false);

    /// <summary>
    /// Gets an action that stops what runs in a session, as Ctrl+C does, and waits for its end; null if nothing runs, or if the engine does
    /// not show it.
    /// </summary>
    public static Action? StopOfRunning(Runspace runspace)
    {
        object? pipeline = RunningPipeline?.Invoke(runspace, null);
        return pipeline?.GetType().GetMethod("Stop", []) is { } stop ? () => stop.Invoke(pipeline, null) : null;
    }

    private static Func<Runspace, bool>? CreateIsStopSuspended()
    {
        PropertyInfo? stopperOf = typeof(PSObject).Assembly.GetType("System.Management.Automation.Runspaces.LocalPipeline")
            ?.GetProperty("Stopper", Members);
        PropertyInfo? isStopping = stopperOf?.PropertyType.GetProperty("IsStopping", Members);
        if (RunningPipeline is null || stopperOf?.GetMethod is null || isStopping?.GetMethod is null)
        {
            return null;
        }

        MethodInvoker toPipeline = MethodInvoker.Create(RunningPipeline);
        MethodInvoker toStopper = MethodInvoker.Create(stopperOf.GetMethod);
        MethodInvoker asks = MethodInvoker.Create(isStopping.GetMethod);
        return runspace => toPipeline.Invoke(runspace) is { } pipeline
            && stopperOf.DeclaringType!.IsInstanceOfType(pipeline)
            && toStopper.Invoke(pipeline) is { } stopper
            && asks.Invoke(stopper) is false;
    }

    private static Action<Runspace>? CreateResetAllButLocation()
    {
        PropertyInfo? contextOfRunspace = typeof(Runspace).GetProperty("ExecutionContext", Members);
        PropertyInfo? stateOfContext = contextOfRunspace?.PropertyType.GetProperty("TopLevelSessionState", Members);
        FieldInfo? providers = stateOfContext?.PropertyType.GetField("_providers", Members);
        if (contextOfRunspace?.GetMethod is not { } getContext
            || stateOfContext?.GetMethod is not { } getState
            || stateOfContext.PropertyType.GetProperty("PublicSessionState", Members)?.GetMethod is not { } getPublic
            || providers is null)
        {
            return null;
        }

        MethodInvoker toContext = MethodInvoker.Create(getContext);
        MethodInvoker toState = MethodInvoker.Create(getState);
        MethodInvoker toPublic = MethodInvoker.Create(getPublic);
        return runspace =>
        {
            // A session without providers has no location.
            object state = toState.Invoke(toContext.Invoke(runspace))!;
            object? all = providers.GetValue(state);
            providers.SetValue(state, Activator.CreateInstance(providers.FieldType));
            try
            {
                runspace.ResetRunspaceState();
            }
            finally
            {
                providers.SetValue(state, all);
            }

            // It was removed with the variables, and would return only when a location is set. Not by the runspace's proxy: PowerShell
            // cannot close a runspace during such a call, and ends the process if it has to at its exit.
            var session = (SessionState)toPublic.Invoke(state)!;
            session.PSVariable.Set("PWD", session.Path.CurrentLocation);
        };
    }

    private static Func<ScriptBlock, SessionState?>? CreateSessionOfBlock()
    {
        PropertyInfo? ofBlock = typeof(ScriptBlock).GetProperty("SessionStateInternal", Members);
        if (ofBlock?.PropertyType.GetProperty("PublicSessionState", Members)?.GetMethod is not { } toPublic
            || ofBlock.GetMethod is not { } getter)
        {
            return null;
        }

        MethodInvoker get = MethodInvoker.Create(getter);
        MethodInvoker convert = MethodInvoker.Create(toPublic);
        return block => get.Invoke(block) is { } session ? (SessionState?)convert.Invoke(session) : null;
    }

    private static Func<SessionState, string, T?>? CreateFind<T>(string method)
        where T : CommandInfo
    {
        if (InternalOfState?.GetMethod is not { } toInternal
            || InternalOfState.PropertyType.GetMethod(method, Members, [typeof(string)]) is not { } find)
        {
            return null;
        }

        MethodInvoker convert = MethodInvoker.Create(toInternal);
        MethodInvoker invoke = MethodInvoker.Create(find);
        return (session, name) => (T?)invoke.Invoke(convert.Invoke(session), name);
    }
}
