using AsyncPs.Web.Hosting;

namespace AsyncPs.Web.Serving;

/// <summary>A server from its start to its end.</summary>
/// <param name="app">Its routes.</param>
/// <param name="server">What listens.</param>
/// <param name="shutdownTimeout">How long requests that run may take when it stops.</param>
internal sealed class ServerRun(WebApp app, IWebServer server, TimeSpan shutdownTimeout)
{
    // For requests that are canceled to answer so, and for connections to be told.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly object _lock = new();
    private readonly TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _stop;

    /// <summary>Its routes.</summary>
    public WebApp App => app;

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<string> Addresses => server.Addresses;

    /// <summary>Ends when somebody has asked it to stop.</summary>
    public Task StopRequested => _stopRequested.Task;

    /// <summary>Ends when it has stopped; null as long as nobody has asked.</summary>
    public Task? Stopped => _stop;

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">It cannot.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => server.StartAsync(cancellationToken);

    /// <summary>Stops: takes no more requests, lets those that run finish for a time, and cancels the rest.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            _stop ??= Task.Run(StopOnceAsync);
        }

        _stopRequested.TrySetResult();
        return _stop;
    }

    /// <summary>Whoever waits for the end waits no longer for requests that run.</summary>
    public void Hurry() => _hurry.TrySetResult();

    private async Task StopOnceAsync()
    {
        using var hard = new CancellationTokenSource();
        Task stopping = server.StopAsync(hard.Token);
        await Task.WhenAny(stopping, _hurry.Task, Task.Delay(shutdownTimeout)).ConfigureAwait(false);
        if (!stopping.IsCompleted)
        {
            app.End();
            hard.CancelAfter(Grace);
        }

        await stopping.WhenEnded().ConfigureAwait(false);
        await server.DisposeAsync().ConfigureAwait(false);
        app.Dispose();
    }
}
