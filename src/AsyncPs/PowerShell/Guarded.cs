using System.Diagnostics;

namespace AsyncPs;

/// <summary>
/// Runs work on threads where an exception would end the process: threads of timers and signals, and this module's own. Exceptions are
/// caught and passed to a callback, or, without a callback, to the trace listeners of the process.
/// </summary>
internal static class Guarded
{
    /// <summary>Runs the work.</summary>
    /// <param name="work">The work.</param>
    /// <param name="failed">Receives an exception of the work; null traces it.</param>
    public static void Run(Action work, Action<Exception>? failed = null)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            try
            {
                (failed ?? Note)(e);
            }
            catch (Exception)
            {
                // If the callback fails too, nothing is left to do.
            }
        }
    }

    /// <summary>Creates a timer that is not set yet.</summary>
    /// <param name="work">The work when it is due.</param>
    /// <param name="failed">Receives an exception of the work; null traces it.</param>
    public static Timer Timer(Action work, Action<Exception>? failed = null)
    {
        Action guarded = () => Run(work, failed);
        return new Timer(static guarded => ((Action)guarded!)(), guarded, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Creates a timer of a clock that is not set yet.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="work">What it does.</param>
    /// <param name="failed">Gets the exception of the work, or null to trace it.</param>
    public static ITimer Timer(TimeProvider time, Action work, Action<Exception>? failed = null)
    {
        Action guarded = () => Run(work, failed);
        return time.CreateTimer(static guarded => ((Action)guarded!)(), guarded, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Runs the work on a separate thread, or on the pool if the system has no threads left.</summary>
    /// <param name="name">The name of the thread.</param>
    /// <param name="work">The work.</param>
    /// <param name="priority">The priority of the thread. Default: normal.</param>
    /// <param name="failed">Receives an exception of the work; null traces it.</param>
    public static void Start(string name, Action work, ThreadPriority priority = ThreadPriority.Normal, Action<Exception>? failed = null)
    {
        try
        {
            new Thread(() => Run(work, failed)) { IsBackground = true, Name = name, Priority = priority }.Start();
        }
        catch (Exception e) when (IsOutOfThreads(e))
        {
            Queue(work, failed);
        }
    }

    /// <summary>Runs the work on the thread pool.</summary>
    /// <param name="work">The work.</param>
    /// <param name="failed">Receives an exception of the work; null traces it.</param>
    public static void Queue(Action work, Action<Exception>? failed = null)
        => ThreadPool.UnsafeQueueUserWorkItem(_ => Run(work, failed), null);

    /// <summary>Whether a thread could not be started because the system has none left.</summary>
    public static bool IsOutOfThreads(Exception exception) => exception is OutOfMemoryException or ThreadStartException;

    private static void Note(Exception exception) => Trace.TraceError("AsyncPs: {0}", exception);
}
