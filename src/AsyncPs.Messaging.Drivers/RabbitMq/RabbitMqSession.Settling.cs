namespace AsyncPs.Messaging.Drivers.RabbitMq;

/// <content>
/// Settling messages. A failed message is written to another queue before it is acknowledged here, so it is in at least one of them at
/// every moment, however the queue was created.
/// </content>
internal sealed partial class RabbitMqSession
{
    // The broker limits the size of everything but the body.
    private const int LongestReason = 2000;

    /// <inheritdoc/>
    public async ValueTask SettleAsync(Delivery delivery, Settlement settlement)
    {
        switch (settlement.Kind)
        {
            case SettlementKind.Done:
                await _work!.BasicAckAsync(delivery.Tag, multiple: false, _ended.Token).ConfigureAwait(false);
                break;
            case SettlementKind.Returned:
                await _work!.BasicNackAsync(delivery.Tag, multiple: false, requeue: true, _ended.Token).ConfigureAwait(false);
                break;
            case SettlementKind.Again:
                string delayed = await DelayQueueAsync(settlement.Delay).ConfigureAwait(false);
                await MoveAsync(delivery, delayed, [(Properties.Deliveries, delivery.Count)]).ConfigureAwait(false);
                break;
            case SettlementKind.Dead when _dead is not null:
                await MoveAsync(delivery, _dead, Notes(delivery, settlement.Reason)).ConfigureAwait(false);
                break;
            case SettlementKind.Dead:
            default:
                // If the queue itself has a dead letter exchange, the message goes there.
                await _work!.BasicNackAsync(delivery.Tag, multiple: false, requeue: false, _ended.Token).ConfigureAwait(false);
                break;
        }
    }

    private (string Name, object? Value)[] Notes(Delivery delivery, string? reason) =>
    [
        ("x-failed-queue", Queue),
        ("x-failed-reason", reason is { Length: > LongestReason } ? reason[..LongestReason] : reason),
        ("x-failed-deliveries", delivery.Count),
        ("x-failed-at", DateTimeOffset.UtcNow),
    ];

    private async ValueTask MoveAsync(Delivery delivery, string queue, (string Name, object? Value)[] notes)
    {
        var copy = new MovedMessage
        {
            Body = delivery.Body,
            Properties = Properties.Again(delivery.Properties, notes)
                with { MessageId = delivery.Properties.MessageId ?? Guid.NewGuid().ToString("N") },
            Exchange = "",
            Topic = queue,
        };
        await SendAsync(copy).ConfigureAwait(false);
        await Task.WhenAny(copy.Result, Lost).ConfigureAwait(false);
        if (!copy.Result.IsCompleted)
        {
            // The message may be in the other queue. It is not acknowledged in this one, so it comes again.
            throw (await Lost.ConfigureAwait(false)).Reason;
        }

        if (await copy.Result.ConfigureAwait(false) == SendResult.Confirmed)
        {
            await _work!.BasicAckAsync(delivery.Tag, multiple: false, _ended.Token).ConfigureAwait(false);
            return;
        }

        // The other queue is gone or full. The message is delivered again to a session that has recreated the queue.
        var gone = new QueueGoneException(queue);
        await _work!.BasicNackAsync(delivery.Tag, multiple: false, requeue: true, _ended.Token).ConfigureAwait(false);
        End(gone, refusedMessage: false);
        throw gone;
    }

    private async ValueTask<string> DelayQueueAsync(TimeSpan delay)
    {
        if (delay == TimeSpan.Zero)
        {
            return Queue;
        }

        await _opening.WaitAsync(_ended.Token).ConfigureAwait(false);
        try
        {
            if (!_delays.TryGetValue(delay, out string? name))
            {
                name = await Topology.DeclareDelayAsync(_reading, _settings, Queue, delay, _ended.Token).ConfigureAwait(false);
                _delays.Add(delay, name);
            }

            return name;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>A message that is moved to another queue.</summary>
    private sealed class MovedMessage : OutgoingMessage
    {
        private readonly TaskCompletionSource<SendResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<SendResult> Result => _result.Task;

        public override void Ended(SendResult result) => _result.TrySetResult(result);
    }
}
