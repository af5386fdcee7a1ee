using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AsyncPs.Shutdown;

/// <summary>
/// The end of sessions and of the process, and the order of what is done then: first the shutdown actions, while the jobs still run, so
/// that an action may wait for them or hand on what they have left; then the jobs are stopped, and with the process all calls that still
/// run, and their finally blocks run.
/// </summary>
internal static class SessionEnd
{
    private static readonly ConditionalWeakTable<Runspace, object> Watched = [];

    // For a process that is ended by a signal to go by it, and not by itself because what it ran was stopped.
    private static readonly TimeSpan SignalWaitLimit = TimeSpan.FromSeconds(2);

    [ThreadStatic]
    private static bool _handlesSignal;

    private static Action<Runspace?>? _stopJobs;
    private static Action<Runspace?>? _stopServers;
    private static Action? _stopCalls;
    private static bool _signalled;

    // What the process does about a signal is decided by others; it does so when this is done. A process may end without closing its
    // sessions, and from .NET 10 on a termination signal is no exit any more, unless somebody listens.
    private static readonly PosixSignalRegistration[] Signals =
    [
        PosixSignalRegistration.Create(
            PosixSignal.SIGINT, static _ => Guarded.Run(static () => ShutdownActions.Run(static action => !action.IgnoresInterrupt))),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, static _ => EndBySignal()),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, static _ => EndBySignal()),
        PosixSignalRegistration.Create(PosixSignal.SIGQUIT, static _ => EndBySignal()),
    ];

    static SessionEnd()
    {
        AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
        {
            End(session: null);
            if (Volatile.Read(ref _signalled) && !_handlesSignal)
            {
                Thread.Sleep(SignalWaitLimit);
            }
        };

        // A failure on a thread that nothing guards ends the process without an exit: that of PSReadLine fails when its terminal is closed.
        AppDomain.CurrentDomain.UnhandledException += static (_, failure) =>
        {
            if (failure.IsTerminating)
            {
                End(session: null);
            }
        };

        // They listen as long as they are reachable.
        GC.KeepAlive(Signals);
    }

    /// <summary>Listens for the end of a session, and of the process. As often as one likes.</summary>
    public static void Watch(Runspace? session)
    {
        if (session is not null && Watched.TryAdd(session, session))
        {
            session.StateChanged += SessionChanged;
        }
    }

    /// <summary>
    /// Sets what ends first, before the actions and the jobs: servers, which take no more work and finish what they have. It is given
    /// the session, or null for all, and waits for the end.
    /// </summary>
    public static void StopServersBy(Action<Runspace?> stop) => Volatile.Write(ref _stopServers, stop);

    /// <summary>Sets how jobs are stopped: those of a session, or all where there is none; it waits for their end.</summary>
    public static void StopJobsBy(Action<Runspace?> stop) => Volatile.Write(ref _stopJobs, stop);

    /// <summary>
    /// Sets how all calls of the process are stopped; it waits for their end. From here on the end of the process is listened for.
    /// </summary>
    public static void StopCallsBy(Action stop) => Volatile.Write(ref _stopCalls, stop);

    private static void EndBySignal()
    {
        Volatile.Write(ref _signalled, true);
        _handlesSignal = true;
        End(session: null);
    }

    // One that fails keeps no other from its turn.
    private static void End(Runspace? session)
    {
        Guarded.Run(() => Volatile.Read(ref _stopServers)?.Invoke(session));
        Guarded.Run(() => ShutdownActions.Run(action => session is null || action.Home == session));
        Guarded.Run(() => Volatile.Read(ref _stopJobs)?.Invoke(session));
        if (session is null)
        {
            Guarded.Run(() => Volatile.Read(ref _stopCalls)?.Invoke());
        }
    }

    private static void SessionChanged(object? sender, RunspaceStateEventArgs e)
    {
        if (e.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
        {
            End((Runspace?)sender);
        }
    }
}
