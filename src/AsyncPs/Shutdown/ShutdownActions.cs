using System.Management.Automation.Runspaces;
using System.Runtime.InteropServices;

namespace AsyncPs.Shutdown;

/// <summary>All that is to be done at the end of sessions and of the process: the last that was registered first, one after another, once.</summary>
internal static class ShutdownActions
{
    // Whoever finds the actions being run waits until they are: the process must not end under them. Not for ever.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly List<ShutdownAction> Registered = [];
    private static readonly object Running = new();
    private static PosixSignalRegistration[]? _signals;

    /// <summary>Adds an action.</summary>
    public static void Add(ShutdownAction action)
    {
        lock (Registered)
        {
            Registered.Add(action);
            Listen();
        }

        if (action.Home is { } home)
        {
            home.StateChanged += SessionChanged;
        }
    }

    /// <summary>Takes an action back.</summary>
    public static void Remove(ShutdownAction action)
    {
        lock (Registered)
        {
            Registered.Remove(action);
        }
    }

    /// <summary>Whether an action is still to be run.</summary>
    public static bool Contains(ShutdownAction action)
    {
        lock (Registered)
        {
            return Registered.Contains(action);
        }
    }

    /// <summary>Runs the actions of a session, which ends.</summary>
    public static void RunOf(Runspace? session) => Run(action => action.Home == session);

    private static void Run(Func<ShutdownAction, bool> which)
    {
        if (!Monitor.TryEnter(Running, Patience))
        {
            return;
        }

        try
        {
            while (TakeLast(which) is { } action)
            {
                action.Run();
            }
        }
        finally
        {
            Monitor.Exit(Running);
        }
    }

    private static ShutdownAction? TakeLast(Func<ShutdownAction, bool> which)
    {
        lock (Registered)
        {
            ShutdownAction? last = Registered.FindLast(action => which(action));
            if (last is not null)
            {
                Registered.Remove(last);
            }

            return last;
        }
    }

    private static void SessionChanged(object? sender, RunspaceStateEventArgs e)
    {
        if (e.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
        {
            RunOf((Runspace?)sender);
        }
    }

    // What the process does about a signal is decided by others; it does so when the actions have been run.
    private static void Listen()
    {
        if (_signals is not null)
        {
            return;
        }

        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, static _ => Run(static action => !action.IgnoresInterrupt)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, static _ => Run(static _ => true)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, static _ => Run(static _ => true)),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, static _ => Run(static _ => true)),
        ];
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => Run(static _ => true);
    }
}
