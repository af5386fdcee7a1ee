using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AsyncPs.Shutdown;

/// <summary>
/// The end of sessions and of the process. First the shutdown actions run, while the jobs still run, so that an action may wait for them
/// or pass on their rest. Then the jobs are stopped. At the end of the process, all running calls are stopped too, and their finally
/// blocks run.
/// </summary>
internal static class SessionEnd
{
    private static readonly ConditionalWeakTable<Runspace, object> Watched = [];

    // Lets a process that gets a signal end by the signal, rather than normally because its work was stopped.
    private static readonly TimeSpan SignalWaitLimit = TimeSpan.FromSeconds(2);

    [ThreadStatic]
    private static bool _handlesSignal;

    private static Action<Runspace?>? _stopJobs;
    private static Action<Runspace?>? _stopServers;
    private static Action? _stopCalls;
    private static bool _signalled;

    // Other code decides how the process handles a signal, after this code has run. A process may end without closing its sessions, and
    // from .NET 10 on a termination signal ends the process without an exit event unless a handler is registered.
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

        // An exception on an unguarded thread ends the process without an exit event; PSReadLine's thread fails when its terminal is
        // closed.
        AppDomain.CurrentDomain.UnhandledException += static (_, failure) =>
        {
            if (failure.IsTerminating)
            {
                End(session: null);
            }
        };

        // The registrations work as long as they are reachable.
        GC.KeepAlive(Signals);
    }

    /// <summary>Watches for the end of a session, and of the process. May be called several times.</summary>
    public static void Watch(Runspace? session)
    {
        if (session is not null && Watched.TryAdd(session, session))
        {
            session.StateChanged += SessionChanged;
        }
    }

    /// <summary>
    /// Registers what ends first, before the actions and the jobs: servers, which accept no more work and finish their current work. The
    /// callback gets the session, or null for all, and waits for the end.
    /// </summary>
    public static void StopServersBy(Action<Runspace?> stop) => Volatile.Write(ref _stopServers, stop);

    /// <summary>Sets the callback that stops the jobs of a session, or all for null, and waits for their end.</summary>
    public static void StopJobsBy(Action<Runspace?> stop) => Volatile.Write(ref _stopJobs, stop);

    /// <summary>
    /// Sets the callback that stops all calls of the process and waits for their end. From here on the end of the process is watched.
    /// </summary>
    public static void StopCallsBy(Action stop) => Volatile.Write(ref _stopCalls, stop);

    private static void EndBySignal()
    {
        Volatile.Write(ref _signalled, true);
        _handlesSignal = true;
        End(session: null);
    }

    // A step that fails does not prevent the others.
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
