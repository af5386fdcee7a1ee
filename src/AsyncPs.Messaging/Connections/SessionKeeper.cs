using AsyncPs.Messaging.Drivers;

namespace AsyncPs.Messaging.Connections;

/// <summary>Maintains a session with the broker. A lost one is re-established, for as long as allowed.</summary>
/// <param name="driver">The driver.</param>
/// <param name="reconnectTimeout">How long a lost session may be down, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
internal sealed class SessionKeeper(IMessageDriver driver, TimeSpan reconnectTimeout) : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _closing = new();
    private readonly object _lock = new();
    private TaskCompletionSource<IMessageSession> _next = NewWait();
    private Task _keeping = Task.CompletedTask;
    private int _reconnects;

    /// <summary>Called for each session, before <see cref="Current"/> has it.</summary>
    public required Action<IMessageSession> Opened { get; init; }

    /// <summary>Called when a session is lost.</summary>
    public required Action<SessionEnd> Lost { get; init; }

    /// <summary>Called when there will be no other session.</summary>
    public required Action<MessagingException> Failed { get; init; }

    /// <summary>The session, or null while there is none.</summary>
    public IMessageSession? Current
    {
        get
        {
            Task<IMessageSession> next = Volatile.Read(ref _next).Task;
            return next.IsCompletedSuccessfully ? next.Result : null;
        }
    }

    /// <summary>How many times a lost session was re-established.</summary>
    public int Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>The reason if there is no session at the moment; otherwise null.</summary>
    public Exception? Trouble { get; private set; }

    /// <summary>Connects for the first time.</summary>
    /// <exception cref="MessagingException">It cannot connect.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        IMessageSession session;
        try
        {
            session = await driver.ConnectAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (driver.Explain(e) is { } failure)
        {
            throw MessagingErrors.Failed(failure, e);
        }

        Begin(session);
        _keeping = Task.Run(() => KeepAsync(session), CancellationToken.None);
    }

    /// <summary>The session. Waits until there is one.</summary>
    /// <exception cref="MessagingException">No session will be opened any more.</exception>
    public Task<IMessageSession> GetAsync(CancellationToken cancellationToken)
        => Volatile.Read(ref _next).Task.WaitAsync(cancellationToken);

    /// <summary>Whether an exception is the driver's rather than about an argument.</summary>
    public bool IsOfBroker(Exception exception) => driver.Explain(exception) is not null;

    /// <summary>The meaning of an exception of the driver.</summary>
    public MessagingException Explain(Exception exception)
        => exception as MessagingException ?? (driver.Explain(exception) is { } failure
            ? MessagingErrors.Failed(failure, exception)
            : new MessagingException(
                "MessageBrokerFailed", ErrorCategory.ConnectionError, exception.Message, exception) { IsTransient = true });

    /// <summary>Ends the session and opens no other.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        lock (_lock)
        {
            // Callers that wait for a session, and those to come.
            MessagingException closed = MessagingErrors.Closed(driver.Broker);
            if (!_next.TrySetException(closed))
            {
                _next = NewWait();
                _next.SetException(closed);
            }

            _next.Task.Forget();
        }
    }

    private static TaskCompletionSource<IMessageSession> NewWait() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Begin(IMessageSession session)
    {
        Trouble = null;
        Opened(session);
        lock (_lock)
        {
            _next.TrySetResult(session);
        }
    }

    private async Task KeepAsync(IMessageSession? session)
    {
        try
        {
            while (session is not null)
            {
                SessionEnd end = await EndOfAsync(session).ConfigureAwait(false);
                Trouble = Explain(end.Reason);
                lock (_lock)
                {
                    _next = NewWait();
                }

                Lost(end);
                session = await ReconnectAsync(end).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // A session is no longer needed.
        }
    }

    private async Task<SessionEnd> EndOfAsync(IMessageSession session)
    {
        try
        {
            return await session.Lost.WaitAsync(_closing.Token).ConfigureAwait(false);
        }
        finally
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<IMessageSession?> ReconnectAsync(SessionEnd end)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        timeout.CancelAfter(reconnectTimeout);
        Exception last = end.Reason;
        TimeSpan pause = end.RefusedMessage ? TimeSpan.Zero : ShortestPause;
        while (true)
        {
            try
            {
                await Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), timeout.Token).ConfigureAwait(false);
                IMessageSession session = await driver.ConnectAsync(timeout.Token).ConfigureAwait(false);
                Interlocked.Increment(ref _reconnects);
                Begin(session);
                return session;
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                _closing.Token.ThrowIfCancellationRequested();
                return Fail(MessagingErrors.NotReconnected(driver.Broker, reconnectTimeout, last));
            }
            catch (Exception e)
            {
                MessagingException failure = Explain(e);
                if (!failure.IsTransient)
                {
                    return Fail(failure);
                }

                Trouble = last = failure;
                pause = pause < ShortestPause ? ShortestPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private IMessageSession? Fail(MessagingException failure)
    {
        Trouble = failure;
        lock (_lock)
        {
            _next.TrySetException(failure);
            _ = _next.Task.Exception;
        }

        Failed(failure);
        return null;
    }
}
