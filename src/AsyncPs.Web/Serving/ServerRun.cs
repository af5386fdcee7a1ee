using AsyncPs.Web.Hosting;

namespace AsyncPs.Web.Serving;

/// <summary>The run of a server from its start to its end.</summary>
/// <param name="app">Its routes.</param>
/// <param name="server">The listener.</param>
/// <param name="shutdownTimeout">How long running requests may take when it stops.</param>
internal sealed class ServerRun(WebApp app, IWebServer server, TimeSpan shutdownTimeout)
{
    // The time for canceled requests to answer, and for connections to be told.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly object _lock = new();
    private readonly TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _stop;

    /// <summary>Its routes.</summary>
    public WebApp App => app;

    /// <summary>The URIs it listens on.</summary>
    public IReadOnlyList<string> Addresses => server.Addresses;

    /// <summary>Completes when a stop was requested.</summary>
    public Task StopRequested => _stopRequested.Task;

    /// <summary>Completes when it has stopped; null before a stop was requested.</summary>
    public Task? Stopped => _stop;

    /// <summary>Starts to listen.</summary>
    /// <exception cref="IOException">It cannot listen.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => server.StartAsync(cancellationToken);

    /// <summary>Stops: accepts no more requests, lets running ones finish for a time, and cancels the rest.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            _stop ??= Task.Run(StopOnceAsync);
        }

        _stopRequested.TrySetResult();
        return _stop;
    }

    /// <summary>Stops waiting for running requests.</summary>
    public void Hurry() => _hurry.TrySetResult();

    private async Task StopOnceAsync()
    {
        using var hard = new CancellationTokenSource();
        Task stopping = server.StopAsync(hard.Token);
        await Task.WhenAny(stopping, _hurry.Task, Task.Delay(shutdownTimeout)).ConfigureAwait(false);
        if (!stopping.IsCompleted)
        {
            app.Stop();
            hard.CancelAfter(Grace);
        }

        await stopping.WhenEnded().ConfigureAwait(false);
        await server.DisposeAsync().ConfigureAwait(false);
        app.Dispose();
    }
}
