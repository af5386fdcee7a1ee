using System.Collections;
using System.Collections.Concurrent;
using AsyncPs.Messaging.Drivers;
using AsyncPs.Queues;

namespace AsyncPs.Messaging.Publishing;

/// <summary>A writer to a queue of a broker. The outcomes of its messages come later: confirmations, failures, answers.</summary>
/// <param name="queue">The queue.</param>
/// <param name="parameters">The properties of messages that do not have their own.</param>
/// <param name="timeout">How long a message may wait for a confirmation or an answer, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
internal sealed class MessageWriter(AsyncMessageQueue queue, WriteParameters parameters, TimeSpan timeout) : IQueueWriter, IMessageOwner
{
    private readonly ConcurrentQueue<(object? Answer, ErrorRecord? Error)> _news = new();
    private readonly HashSet<QueuedMessage> _open = [];
    private TaskCompletionSource? _allKnown;
    private QueuedMessage? _notWritten;
    private bool _isClosed;

    /// <inheritdoc/>
    public WriteOutcome WriteNow(object? value, double priority)
        => parameters.Reply && !queue.Answers.AreHeard ? WriteOutcome.Full
            : TryMake(value, priority, out QueuedMessage? message) ? Write(message)
            : WriteOutcome.Written;

    /// <inheritdoc/>
    public bool SpinForRoom()
    {
        for (int round = 0; round < 10 && !queue.Publisher.MayWrite; round++)
        {
            Thread.Yield();
        }

        return queue.Publisher.MayWrite;
    }

    /// <inheritdoc/>
    public async ValueTask<WriteOutcome> WriteOrWaitAsync(object? value, double priority, CancellationToken cancellationToken)
    {
        if (parameters.Reply)
        {
            await queue.Answers.ListenAsync(cancellationToken).ConfigureAwait(false);
        }

        // The message for which there was no room.
        QueuedMessage? message = _notWritten?.Item == value ? _notWritten : null;
        if (message is null && !TryMake(value, priority, out message))
        {
            return WriteOutcome.Written;
        }

        WriteOutcome outcome;
        while ((outcome = Write(message)) == WriteOutcome.Full)
        {
            await queue.Publisher.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        }

        return outcome;
    }

    /// <inheritdoc/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        Task known;
        lock (_open)
        {
            if (_open.Count == 0)
            {
                return;
            }

            _allKnown ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            known = _allKnown.Task;
        }

        if (timeout == Timeout.InfiniteTimeSpan)
        {
            await known.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        try
        {
            await known.WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            GiveUp($"the time that -Timeout gives is over ({ViewText.Of(timeout)}).");
        }
    }

    /// <inheritdoc/>
    public bool TryTake(out object? answer, out ErrorRecord? error)
    {
        bool isThere = _news.TryDequeue(out (object? Answer, ErrorRecord? Error) news);
        (answer, error) = news;
        return isThere;
    }

    /// <inheritdoc/>
    public void Close()
    {
        QueuedMessage[] open;
        lock (_open)
        {
            _isClosed = true;
            open = [.. _open];
            _open.Clear();
        }

        Array.ForEach(open, message => queue.Answers.Forget(message));
    }

    /// <inheritdoc/>
    public void Ended(QueuedMessage message, ErrorRecord? error)
    {
        if (error is null && message.IsRequest)
        {
            return;
        }

        queue.Answers.Forget(message);
        Tell(message, null, error);
    }

    /// <inheritdoc/>
    public void AnswerLost(QueuedMessage message)
        => Tell(message, null, MessagingErrors.NoAnswer(queue.Name, message.Item, "the connection was lost meanwhile."));

    /// <summary>Notes the answer to a message.</summary>
    public void Answered(QueuedMessage message, object? answer, ErrorRecord? error) => Tell(message, answer, error);

    private void Tell(QueuedMessage message, object? answer, ErrorRecord? error)
    {
        lock (_open)
        {
            if (!_open.Remove(message) || _isClosed)
            {
                return;
            }

            if (error is not null || message.IsRequest)
            {
                _news.Enqueue((answer, error));
            }

            if (_open.Count == 0)
            {
                _allKnown?.TrySetResult();
                _allKnown = null;
            }
        }
    }

    private void GiveUp(string why)
    {
        QueuedMessage[] open;
        lock (_open)
        {
            open = [.. _open];
        }

        foreach (QueuedMessage message in open)
        {
            bool isUnconfirmed = queue.Publisher.TryWithdraw(message);
            queue.Answers.Forget(message);
            Tell(message, null, isUnconfirmed ? MessagingErrors.NotConfirmed(queue.Name, message.Item, why)
                : MessagingErrors.NoAnswer(queue.Name, message.Item, why));
        }
    }

    private WriteOutcome Write(QueuedMessage message)
    {
        lock (_open)
        {
            _open.Add(message);
        }

        if (message.IsRequest)
        {
            queue.Answers.Expect(message, this);
        }

        WriteOutcome outcome = queue.Publisher.Write(message);
        _notWritten = null;
        if (outcome != WriteOutcome.Written)
        {
            queue.Answers.Forget(message);
            lock (_open)
            {
                _open.Remove(message);
            }

            _notWritten = message;
        }

        return outcome;
    }

    private bool TryMake(object? value, double priority, [NotNullWhen(true)] out QueuedMessage? message)
    {
        try
        {
            message = Make(value, priority);
            return true;
        }
        catch (NotSupportedException e)
        {
            _news.Enqueue((null, MessagingErrors.BodyInvalid(queue.Name, value, e)));
            message = null;
            return false;
        }
    }

    private QueuedMessage Make(object? value, double priority)
    {
        var own = PSObjectExtensions.Unwrap(value) as QueueMessage;
        ReadOnlyMemory<byte> body = MessageBodies.Write(own is null ? value : own.Body, out string contentType);
        MessageProperties properties = own?.ToProperties() ?? new MessageProperties();
        string? correlation = properties.CorrelationId ?? parameters.CorrelationId;
        return new QueuedMessage(queue.Publisher, this)
        {
            Item = value,
            IsRequest = parameters.Reply,
            Body = body,
            Exchange = queue.Exchange ?? "",
            Topic = queue.Exchange is null ? queue.QueueName : own?.Topic ?? parameters.Topic ?? "",
            Properties = properties with
            {
                Headers = properties.Headers ?? HeadersOf(parameters.Header),
                ContentType = properties.ContentType ?? parameters.ContentType ?? contentType,
                Priority = own?.Priority is { } its and not 0 ? its : priority,
                Expiration = properties.Expiration ?? parameters.Expiration,
                CorrelationId = parameters.Reply ? correlation ?? Guid.NewGuid().ToString("N") : correlation,
                ReplyTo = parameters.Reply ? queue.Answers.Address : properties.ReplyTo ?? parameters.ReplyTo,
                MessageId = properties.MessageId ?? Guid.NewGuid().ToString("N"),
                Timestamp = properties.Timestamp ?? DateTimeOffset.UtcNow,
            },
        };
    }

    private Dictionary<string, object?>? _headers;

    private Dictionary<string, object?>? HeadersOf(IDictionary? given)
        => given is not { Count: > 0 } ? null
            : _headers ??= given.Cast<DictionaryEntry>()
                .ToDictionary(static header => header.Key.ToString()!, static header => PSObjectExtensions.Unwrap(header.Value));
}
