using AsyncPs.Messaging.Drivers;

namespace AsyncPs.Messaging.Receiving;

/// <content>Starts and stops the delivery by the broker, one step after another.</content>
internal sealed partial class Receiver : IDisposable
{
    // After this many checks without a reader, messages that were delivered ahead are returned.
    private static readonly TimeSpan IdleCheck = TimeSpan.FromSeconds(1);
    private const int IdleChecks = 2;

    // The pause between attempts if the session still exists.
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);

    // Requests to the broker, one after another. Each one is completed, because after an interrupted one it would be unknown whether the
    // broker delivers. A stopped caller just stops waiting.
    private readonly SemaphoreSlim _steps = new(1);
    private IMessageSession? _consumed;
    private Timer? _idle;
    private int _idleChecks;
    private int _attending;

    /// <summary>Whether the broker delivers messages.</summary>
    public bool IsConsuming => Volatile.Read(ref _consumed) is { } consumed && consumed == keeper.Current;

    /// <summary>Starts the delivery if readers wait, on a new session or after a stop.</summary>
    public void Opened()
    {
        bool isAwaited;
        lock (_lock)
        {
            isAwaited = _readers.Count > 0;
        }

        if (isAwaited)
        {
            Attend();
        }
    }

    /// <summary>Notes that the session is lost: prefetched messages are delivered again.</summary>
    public void Lost()
    {
        Volatile.Write(ref _consumed, null);
        TakeAhead();
    }

    /// <summary>Stops the delivery, and returns messages that no reader has taken.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
        => StepAsync(
            async () =>
            {
                _idle?.Change(Timeout.Infinite, Timeout.Infinite);
                await StopUnderStepAsync().ConfigureAwait(false);
                ReturnAhead();
                return true;
            },
            cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _idle?.Dispose();

    // Serves readers that wait for a message or the end, in the background. It runs again for readers that arrive in the meantime.
    private void Attend()
    {
        // A reader that waits before this check is seen by the code that stops the delivery.
        if (IsConsuming && !Volatile.Read(ref _completed))
        {
            return;
        }

        if (Interlocked.Increment(ref _attending) == 1)
        {
            _ = Task.Run(AttendAsync);
        }
    }

    private async Task AttendAsync()
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref _attending);
            try
            {
                if (!Volatile.Read(ref _completed))
                {
                    await StartAsync().ConfigureAwait(false);
                }
                else
                {
                    await ServeToEndAsync().ConfigureAwait(false);
                }
            }
            catch (Exception e)
            {
                if (keeper.Explain(e) is { IsTransient: false } failure)
                {
                    options.Failed(failure);
                }
                else if (keeper.Current is not null)
                {
                    // The session may be lost, and the next one begins with the readers that wait. If it is not, they need another attempt.
                    await Task.Delay(RetryPause).ConfigureAwait(false);
                    Opened();
                }
            }
        }
        while (Interlocked.Add(ref _attending, -seen) > 0);
    }

    // Each waiting reader gets an available message, or the end. Each round serves a reader.
    private async ValueTask ServeToEndAsync()
    {
        // After the end no reader comes any more, and a message that is taken then would have to be returned.
        while (!HasEnded && await LookAsync(CancellationToken.None).ConfigureAwait(false))
        {
            lock (_lock)
            {
                if (_readers.Count == 0)
                {
                    return;
                }
            }
        }

        Stop();
    }

    private async Task StartAsync()
    {
        IMessageSession session = await keeper.GetAsync(CancellationToken.None).ConfigureAwait(false);
        await StepAsync(
            async () =>
            {
                await StartUnderStepAsync(session).ConfigureAwait(false);
                return true;
            },
            CancellationToken.None).ConfigureAwait(false);
    }

    // Whether there is a message, which is then delivered ahead. The delivery must stop before the broker is asked, because a message
    // could be on its way.
    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        IMessageSession session = await keeper.GetAsync(cancellationToken).ConfigureAwait(false);
        return await StepAsync(() => LookUnderStepAsync(session), cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> LookUnderStepAsync(IMessageSession session)
    {
        if (Ahead > 0)
        {
            return true;
        }

        try
        {
            bool wasConsuming = IsConsuming;
            await StopUnderStepAsync().ConfigureAwait(false);
            if (Ahead == 0)
            {
                if (await session.GetAsync().ConfigureAwait(false) is not { } delivery)
                {
                    await RestartAsync(session, wasConsuming && !Volatile.Read(ref _completed)).ConfigureAwait(false);
                    return false;
                }

                Deliver(delivery);
            }

            // There may be more messages.
            await RestartAsync(session, wasConsuming || Volatile.Read(ref _completed)).ConfigureAwait(false);
            WatchIdle();
            return true;
        }
        catch (Exception)
        {
            // Other readers may wait for the messages that were stopped here.
            Opened();
            throw;
        }
    }

    private Task RestartAsync(IMessageSession session, bool isWanted) => isWanted ? StartUnderStepAsync(session) : Task.CompletedTask;

    private async Task StartUnderStepAsync(IMessageSession session)
    {
        if (Volatile.Read(ref _consumed) == session || session != keeper.Current)
        {
            return;
        }

        Volatile.Write(ref _consumed, session);
        try
        {
            await session.StartAsync(options.Prefetch, Deliver).ConfigureAwait(false);
        }
        catch (Exception)
        {
            Interlocked.CompareExchange(ref _consumed, null, session);
            throw;
        }

        WatchIdle();
    }

    private async Task StopUnderStepAsync()
    {
        if (Volatile.Read(ref _consumed) is not { } session)
        {
            return;
        }

        // A session that is lost has stopped.
        if (session == keeper.Current)
        {
            await session.StopAsync().ConfigureAwait(false);
        }

        Interlocked.CompareExchange(ref _consumed, null, session);
    }

    private async Task<T> StepAsync<T>(Func<Task<T>> step, CancellationToken cancellationToken)
    {
        await _steps.WaitAsync(cancellationToken).ConfigureAwait(false);
        Task<T> running = RunAsync();
        try
        {
            return await running.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            running.Forget();
        }

        async Task<T> RunAsync()
        {
            try
            {
                return await step().ConfigureAwait(false);
            }
            finally
            {
                _steps.Release();
            }
        }
    }

    private void WatchIdle()
    {
        _idleChecks = 0;
        _idle ??= Guarded.Timer(CheckIdle);
        _idle.Change(IdleCheck, IdleCheck);
    }

    private void CheckIdle()
    {
        lock (_lock)
        {
            if (_readers.Count > 0 || _handedOut.Count > 0)
            {
                _idleChecks = 0;
                return;
            }
        }

        if (++_idleChecks >= IdleChecks)
        {
            _ = StopIdleAsync();
        }
    }

    private async Task StopIdleAsync()
    {
        try
        {
            await StopAsync(CancellationToken.None).ConfigureAwait(false);

            // A reader that arrived in the meantime.
            Opened();
        }
        catch (Exception)
        {
            // The session is lost, so nothing is delivered anyway.
        }
    }

    // In reverse order, so that each goes back in front of the later ones.
    private void ReturnAhead()
    {
        Delivery[] all = TakeAhead();
        for (int i = all.Length - 1; i >= 0; i--)
        {
            settler.Settle(all[i], new Settlement(SettlementKind.Returned));
        }
    }
}
