using System.Management.Automation.Runspaces;

namespace AsyncPs.Remote.Transport;

/// <summary>
/// The link to a session of `New-PSSession`. PowerShell's own transport serves it: reading cannot be paused, and it may not notice that the
/// process there has ended, which a heartbeat does.
/// </summary>
internal sealed class SessionLink : IRemoteLink
{
    private readonly TaskCompletionSource _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Runspace _session;
    private string _how = "was closed";

    /// <summary>Creates a link.</summary>
    /// <param name="session">The session.</param>
    /// <param name="name">Its name in messages.</param>
    public SessionLink(Runspace session, string name)
    {
        _session = session;
        Name = name;
        session.StateChanged += OnStateChanged;
        if (session.RunspaceStateInfo.State != RunspaceState.Opened)
        {
            _exit.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Task Exit => _exit.Task;

    /// <inheritdoc/>
    public int? ExitCode => null;

    /// <inheritdoc/>
    public string LastWords => "";

    /// <inheritdoc/>
    public void SetReading(bool mayRead)
    {
        // The transport is PowerShell's.
    }

    /// <inheritdoc/>
    /// <remarks>The session belongs to its owner. It is only given up.</remarks>
    public void Kill(string? reason)
    {
        _how = reason ?? "did not stop in time";
        End();
    }

    /// <inheritdoc/>
    public Task<(string How, string Words)> GetEndAsync() => Task.FromResult((_how, ""));

    private void OnStateChanged(object? sender, RunspaceStateEventArgs e)
    {
        if (e.RunspaceStateInfo.State is RunspaceState.Broken or RunspaceState.Closed or RunspaceState.Disconnected)
        {
            _how = e.RunspaceStateInfo.Reason is { } reason ? $"ended ({reason.Message})" : "was closed";
            End();
        }
    }

    private void End()
    {
        _session.StateChanged -= OnStateChanged;
        _exit.TrySetResult();
    }
}
