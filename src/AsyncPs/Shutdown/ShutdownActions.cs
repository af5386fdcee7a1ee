using System.Management.Automation.Runspaces;

namespace AsyncPs.Shutdown;

/// <summary>
/// The registered actions for the end of sessions and of the process. They run one after another, once, the last registered first.
/// </summary>
internal static class ShutdownActions
{
    // Code that finds the actions running waits for them, because the process must not end under them; but not forever.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(1);

    private static readonly List<ShutdownAction> Registered = [];
    private static readonly object Running = new();

    /// <summary>Adds an action.</summary>
    public static void Add(ShutdownAction action)
    {
        lock (Registered)
        {
            Registered.Add(action);
        }

        SessionEnd.Watch(action.Home);
    }

    /// <summary>Removes an action.</summary>
    public static void Remove(ShutdownAction action)
    {
        lock (Registered)
        {
            Registered.Remove(action);
        }
    }

    /// <summary>Whether an action has not run yet.</summary>
    public static bool Contains(ShutdownAction action)
    {
        lock (Registered)
        {
            return Registered.Contains(action);
        }
    }

    /// <summary>Runs the actions of a session that ends.</summary>
    public static void RunOf(Runspace? session) => Run(action => action.Home == session);

    /// <summary>Runs some of the actions.</summary>
    public static void Run(Func<ShutdownAction, bool> which)
    {
        if (!Monitor.TryEnter(Running, WaitLimit))
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
}
