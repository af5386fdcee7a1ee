using System.Management.Automation.Runspaces;

namespace AsyncPs.Shutdown;

/// <summary>An action that runs once when the session ends for any reason. Disposing it unregisters it.</summary>
public sealed class ShutdownAction : IDisposable
{
    // For work that ignores its cancellation.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(4);

    private readonly Func<CancellationToken, Task> _action;
    private readonly Action<Exception> _report;

    internal ShutdownAction(
        string name,
        TimeSpan timeout,
        bool ignoresInterrupt,
        Runspace? home,
        Func<CancellationToken, Task> action,
        Action<Exception> report)
    {
        Name = name;
        Timeout = timeout;
        IgnoresInterrupt = ignoresInterrupt;
        Home = home;
        _action = action;
        _report = report;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>How long it may take.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>Whether Ctrl+C does not run it.</summary>
    public bool IgnoresInterrupt { get; }

    /// <summary>Whether it has not run yet and is registered.</summary>
    public bool IsRegistered => ShutdownActions.Contains(this);

    /// <summary>The session it belongs to.</summary>
    internal Runspace? Home { get; }

    /// <summary>Unregisters the action.</summary>
    public void Dispose() => ShutdownActions.Remove(this);

    /// <summary>Runs it, up to its time-out. A failure is reported, and does not prevent others from running.</summary>
    internal void Run()
    {
        try
        {
            using var late = new CancellationTokenSource(Timeout);
            Task run = Task.Run(() => _action(late.Token));
            if (!run.Wait(Timeout + Grace))
            {
                throw ShutdownErrors.ShutdownActionTooSlow(this);
            }
        }
        catch (Exception e)
        {
            Exception cause = e is AggregateException { InnerException: { } inner } ? inner : e;
            Guarded.Run(() => _report(cause is OperationCanceledException ? ShutdownErrors.ShutdownActionTooSlow(this) : cause));
        }
    }
}
