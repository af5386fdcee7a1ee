using AsyncPs.Messaging.Connections;
using AsyncPs.Messaging.Drivers;
using AsyncPs.Queues;

namespace AsyncPs.Messaging.Publishing;

/// <summary>
/// Sends messages, with a limited number of unconfirmed ones. When the session is lost, unconfirmed messages are sent again on the next
/// one, in their order and before anything else.
/// </summary>
/// <param name="queue">The target's name in errors.</param>
/// <param name="keeper">Maintains the session.</param>
internal sealed class Publisher(string queue, SessionKeeper keeper)
{
    private const int Window = 1000;

    // The pause between attempts if the session still exists.
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);

    private readonly object _lock = new();
    private readonly LinkedList<QueuedMessage> _unconfirmed = [];
    private readonly LinkedList<Waiter<WriteOutcome>> _writers = [];
    private readonly Queue<QueuedMessage> _toSend = new();
    private IMessageSession? _session;
    private QueuedMessage? _inDoubt;
    private int _alone;
    private bool _isSending;
    private bool _completed;
    private long _confirmed;

    /// <summary>How many messages the broker has confirmed.</summary>
    public long Confirmed => Volatile.Read(ref _confirmed);

    /// <summary>How many messages were written and not confirmed yet.</summary>
    public int Unconfirmed
    {
        get
        {
            lock (_lock)
            {
                return _unconfirmed.Count;
            }
        }
    }

    /// <summary>Whether there is room for another message, or no message will be accepted.</summary>
    public bool MayWrite
    {
        get
        {
            lock (_lock)
            {
                return _completed || _unconfirmed.Count < Window;
            }
        }
    }

    /// <summary>Accepts a message to send.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isAnswer">Whether it is accepted regardless of the limit.</param>
    public WriteOutcome Write(QueuedMessage message, bool isAnswer = false)
    {
        lock (_lock)
        {
            if (_completed && !isAnswer)
            {
                return WriteOutcome.Completed;
            }

            if (_unconfirmed.Count >= Window && !isAnswer)
            {
                return WriteOutcome.Full;
            }

            message.Node = _unconfirmed.AddLast(message);
            _toSend.Enqueue(message);
            SendUnderLock();
        }

        return WriteOutcome.Written;
    }

    /// <summary>Waits for room, or until no message will be accepted.</summary>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        var waiter = new Waiter<WriteOutcome>(_lock, _writers);
        waiter.CancelBy(cancellationToken);
        lock (_lock)
        {
            if (!_completed && _unconfirmed.Count >= Window)
            {
                waiter.Enlist();
            }
            else
            {
                waiter.Spare();
                waiter.TrySetResult(WriteOutcome.Full);
            }
        }

        await waiter.Task.ConfigureAwait(false);
    }

    /// <summary>Accepts no more messages.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _completed = true;
        }

        ServeAll();
    }

    /// <summary>Fails all messages, because none will be sent or confirmed any more.</summary>
    /// <param name="why">The reason in words.</param>
    public void Fail(string why)
    {
        QueuedMessage[] lost;
        lock (_lock)
        {
            _completed = true;
            _session = null;
            lost = [.. _unconfirmed];
            _unconfirmed.Clear();
            _toSend.Clear();
            Array.ForEach(lost, static message => message.Node = null);
        }

        Array.ForEach(lost, message => message.Owner.Ended(message, MessagingErrors.NotConfirmed(queue, message.Item, why)));
        ServeAll();
    }

    /// <summary>Removes a message that its owner has given up: it is not sent again.</summary>
    /// <returns>Whether it was not confirmed yet.</returns>
    public bool TryWithdraw(QueuedMessage message) => TryEnd(message);

    /// <summary>Takes a new session: unconfirmed messages are sent first.</summary>
    public void Opened(IMessageSession session)
    {
        lock (_lock)
        {
            _session = session;
            _toSend.Clear();
            foreach (QueuedMessage message in _unconfirmed)
            {
                _toSend.Enqueue(message);
            }

            SendUnderLock();
        }
    }

    /// <summary>Notes that the session is lost.</summary>
    public void Lost(SessionEnd end)
    {
        QueuedMessage? refused = null;
        lock (_lock)
        {
            _session = null;
            if (end.RefusedMessage)
            {
                // Sending them one at a time shows which message it was.
                refused = _alone > 0 || _unconfirmed.Count == 1 ? _inDoubt ?? _unconfirmed.First?.Value : null;
                _alone = _unconfirmed.Count - (refused is null ? 0 : 1);
            }

            _inDoubt = null;
        }

        if (refused is not null)
        {
            Refuse(refused, keeper.Explain(end.Reason).Message);
        }
    }

    /// <summary>Notes the outcome of a message, as reported by the broker.</summary>
    public void Ended(QueuedMessage message, SendResult result)
    {
        if (!TryEnd(message))
        {
            return;
        }

        ErrorRecord? error = result switch
        {
            SendResult.Unroutable => MessagingErrors.Unroutable(queue, message.Item),
            SendResult.Rejected => MessagingErrors.Rejected(queue, message.Item),
            _ => null,
        };
        if (error is null)
        {
            Interlocked.Increment(ref _confirmed);
        }

        message.Owner.Ended(message, error);
    }

    private void Refuse(QueuedMessage message, string reason)
    {
        if (TryEnd(message))
        {
            message.Owner.Ended(message, MessagingErrors.Refused(queue, message.Item, reason));
        }
    }

    private bool TryEnd(QueuedMessage message)
    {
        Waiter<WriteOutcome>? writer;
        lock (_lock)
        {
            if (message.Node is null)
            {
                return false;
            }

            _unconfirmed.Remove(message.Node);
            message.Node = null;
            if (_inDoubt == message)
            {
                _inDoubt = null;
                _alone--;
                SendUnderLock();
            }

            writer = _unconfirmed.Count < Window ? Waiter<WriteOutcome>.Next(_writers) : null;
        }

        writer?.Serve(WriteOutcome.Full);
        return true;
    }

    private void SendUnderLock()
    {
        if (!_isSending && _session is not null && _inDoubt is null && _toSend.Count > 0)
        {
            _isSending = true;
            _ = Task.Run(SendAsync);
        }
    }

    private async Task SendAsync()
    {
        while (TryTake(out QueuedMessage? message, out IMessageSession? session))
        {
            while (!await TrySendAsync(message, session).ConfigureAwait(false))
            {
                await Task.Delay(RetryPause).ConfigureAwait(false);
            }
        }
    }

    // False: once more, on the same session. It may be the connection for writing that cannot be made at the moment.
    private async ValueTask<bool> TrySendAsync(QueuedMessage message, IMessageSession session)
    {
        try
        {
            await session.SendAsync(message).ConfigureAwait(false);
            return true;
        }
        catch (Exception e)
        {
            lock (_lock)
            {
                if (_session != session || message.Node is null)
                {
                    // The session is lost. The next one first sends the unconfirmed messages.
                    return true;
                }
            }

            // The client cancels a request that the broker does not answer in time.
            if (e is OperationCanceledException || (keeper.IsOfBroker(e) && keeper.Explain(e).IsTransient))
            {
                return session.Lost.IsCompleted;
            }

            Refuse(message, keeper.IsOfBroker(e) ? keeper.Explain(e).Message : e.Message);
            return true;
        }
    }

    private bool TryTake([NotNullWhen(true)] out QueuedMessage? message, [NotNullWhen(true)] out IMessageSession? session)
    {
        lock (_lock)
        {
            session = _session;
            while (session is not null && _inDoubt is null && _toSend.TryDequeue(out message))
            {
                if (message.Node is not null)
                {
                    _inDoubt = _alone > 0 ? message : null;
                    return true;
                }
            }

            message = null;
            _isSending = false;
            return false;
        }
    }

    private void ServeAll()
    {
        while (true)
        {
            Waiter<WriteOutcome>? writer;
            lock (_lock)
            {
                writer = Waiter<WriteOutcome>.Next(_writers);
            }

            if (writer is null)
            {
                return;
            }

            writer.Serve(WriteOutcome.Full);
        }
    }
}
