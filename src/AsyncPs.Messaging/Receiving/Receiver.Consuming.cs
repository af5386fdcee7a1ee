using AsyncPs.Messaging.Drivers;

namespace AsyncPs.Messaging.Receiving;

/// <content>When the broker delivers, and when not: one step after another, whoever asks for it.</content>
internal sealed partial class Receiver : IDisposable
{
    // So long nobody reads and nothing is with a reader until what was delivered ahead goes back.
    private static readonly TimeSpan IdleCheck = TimeSpan.FromSeconds(1);
    private const int IdleChecks = 2;

    private readonly SemaphoreSlim _steps = new(1);
    private IMessageSession? _consumed;
    private Timer? _idle;
    private int _idleChecks;
    private int _attending;

    /// <summary>Whether the broker delivers.</summary>
    public bool IsConsuming => Volatile.Read(ref _consumed) is not null;

    /// <summary>There is a session: who waits is served by it.</summary>
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

    /// <summary>The session is lost: what was delivered ahead comes again.</summary>
    public void Lost()
    {
        Volatile.Write(ref _consumed, null);
        TakeAhead();
    }

    /// <summary>Has no more delivered, and returns what nobody has seen.</summary>
    public async ValueTask StopAsync(CancellationToken cancellationToken)
    {
        await _steps.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await StopUnderStepAsync(cancellationToken).ConfigureAwait(false);
            ReturnAhead();
        }
        finally
        {
            _steps.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _idle?.Dispose();
        _steps.Dispose();
    }

    // Somebody waits for a message, or for the end. In the background; again for those who come while it is under way.
    private void Attend()
    {
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
                    await StartAsync(CancellationToken.None).ConfigureAwait(false);
                }
                else
                {
                    await ServeToEndAsync().ConfigureAwait(false);
                }
            }
            catch (Exception e)
            {
                // When the session was lost, those who still wait are attended to on the next one; if there will be none, they have got
                // the end.
                if (keeper.Explain(e) is { IsTransient: false } failure)
                {
                    options.Failed(failure);
                }
            }
        }
        while (Interlocked.Add(ref _attending, -seen) > 0);
    }

    // Whoever waits gets a message that is there, or the end. Each round serves somebody.
    private async ValueTask ServeToEndAsync()
    {
        while (await LookAsync(CancellationToken.None).ConfigureAwait(false))
        {
            lock (_lock)
            {
                if (_readers.Count == 0)
                {
                    return;
                }
            }
        }

        End();
    }

    private async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        if (IsConsuming)
        {
            return;
        }

        IMessageSession session = await keeper.GetAsync(cancellationToken).ConfigureAwait(false);
        await _steps.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await StartUnderStepAsync(session, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _steps.Release();
        }
    }

    private async ValueTask StartUnderStepAsync(IMessageSession session, CancellationToken cancellationToken)
    {
        if (IsConsuming || session != keeper.Current)
        {
            return;
        }

        Volatile.Write(ref _consumed, session);
        try
        {
            await session.StartAsync(options.Prefetch, Deliver, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception)
        {
            Volatile.Write(ref _consumed, null);
            throw;
        }

        _idleChecks = 0;
        _idle ??= new Timer(static receiver => ((Receiver)receiver!).CheckIdle(), this, Timeout.Infinite, Timeout.Infinite);
        _idle.Change(IdleCheck, IdleCheck);
    }

    private async ValueTask StopUnderStepAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _consumed) is not { } session)
        {
            return;
        }

        _idle?.Change(Timeout.Infinite, Timeout.Infinite);
        await session.StopAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _consumed, null);
    }

    // Whether there is a message, which is ahead then. While the broker delivers, one could be on its way, so it has to stop before it is
    // asked.
    private async ValueTask<bool> LookAsync(CancellationToken cancellationToken)
    {
        IMessageSession session = await keeper.GetAsync(cancellationToken).ConfigureAwait(false);
        await _steps.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Ahead > 0)
            {
                return true;
            }

            bool wasConsuming = IsConsuming;
            await StopUnderStepAsync(cancellationToken).ConfigureAwait(false);
            if (Ahead == 0)
            {
                if (await session.GetAsync(cancellationToken).ConfigureAwait(false) is not { } delivery)
                {
                    await RestartAsync(session, wasConsuming && !Volatile.Read(ref _completed), cancellationToken).ConfigureAwait(false);
                    return false;
                }

                Deliver(delivery);
            }

            // Where there is one there may be many.
            await RestartAsync(session, wasConsuming || Volatile.Read(ref _completed), cancellationToken).ConfigureAwait(false);
            return true;
        }
        finally
        {
            _steps.Release();
        }
    }

    private ValueTask RestartAsync(IMessageSession session, bool isWanted, CancellationToken cancellationToken)
        => isWanted ? StartUnderStepAsync(session, cancellationToken) : default;

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
            Opened();
        }
        catch (Exception)
        {
            // The session is lost: nothing is delivered anyway.
        }
    }

    // The last first, so that each comes before those that came after it.
    private void ReturnAhead()
    {
        Delivery[] all = TakeAhead();
        for (int i = all.Length - 1; i >= 0; i--)
        {
            settler.Settle(all[i], new Settlement(SettlementKind.Returned));
        }
    }
}
