using AsyncPs.Messaging.Drivers;
using AsyncPs.Messaging.Publishing;
using AsyncPs.Queues;

namespace AsyncPs.Messaging;

/// <content>The queue as one of several kinds.</content>
public sealed partial class AsyncMessageQueue : IAsyncQueue
{
    private const int MostLooks = 20;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    // The broker makes room, not the readers.
    IReadOnlyList<(object Reader, int Places)> IAsyncQueue.KnownReaders => [];

    object IAsyncQueue.NewWriteParameters() => new WriteParameters();

    IQueueWriter IAsyncQueue.OpenWriter(object? parameters, TimeSpan timeout)
    {
        var given = parameters as WriteParameters ?? new WriteParameters();
        if (given.Topic is not null && Exchange is null)
        {
            throw MessagingErrors.ArgumentInvalid($"-Topic is for a queue that was connected with -Exchange; '{Name}' is written to "
                + $"itself. Leave it out.");
        }

        return new MessageWriter(this, given, timeout);
    }

    // The next message often follows the acknowledgement of the last one at once.
    bool IAsyncQueue.SpinForItem()
    {
        for (int looks = 0; looks < MostLooks && _receiver.Ahead == 0 && _receiver.IsConsuming; looks++)
        {
            Thread.Yield();
        }

        return _receiver.Ahead > 0;
    }

    ReadOutcome IAsyncQueue.ReadNow(bool finishPrevious, ref QueueEntry entry)
    {
        if (finishPrevious)
        {
            ((IAsyncQueue)this).Finish(entry);
        }

        return _receiver.ReadNow(out entry);
    }

    ValueTask<ReadResult> IAsyncQueue.ReadAvailableAsync(CancellationToken cancellationToken)
    {
        MayRead();
        return _receiver.ReadAvailableAsync(cancellationToken);
    }

    ValueTask<ReadResult> IAsyncQueue.ReadOrWaitAsync(CancellationToken cancellationToken)
    {
        MayRead();
        return _receiver.ReadOrWaitAsync(cancellationToken);
    }

    void IAsyncQueue.Finish(in QueueEntry entry) => _receiver.Settle(entry, new Settlement(SettlementKind.Done));

    void IAsyncQueue.Fail(in QueueEntry entry, string? reason) => _receiver.Fail(entry, reason);

    void IAsyncQueue.Requeue(in QueueEntry entry) => _receiver.PutBack(entry);

    void IAsyncQueue.Return(in QueueEntry entry, bool atEnd)
        => _receiver.Settle(entry, new Settlement(atEnd ? SettlementKind.Again : SettlementKind.Returned));

    // Waits and deliveries already show which readers there are.
    void IAsyncQueue.AddReader(object reader, int places)
    {
    }

    void IAsyncQueue.RemoveReader(object reader)
    {
    }

    void IAsyncQueue.HasOtherReaders()
    {
    }

    void IAsyncQueue.Complete(Exception? error) => Complete(error);

    void IAsyncQueue.CompleteWhenDone() => _ = CompleteWhenDoneAsync();

    Task IAsyncQueue.WaitAsync(CancellationToken cancellationToken) => WaitAsync(cancellationToken);

    async ValueTask<long> IAsyncQueue.CountAsync(CancellationToken cancellationToken)
        => (await LookAsync(cancellationToken).ConfigureAwait(false)).Messages + _receiver.Ahead;

    async ValueTask<long> IAsyncQueue.ClearAsync(CancellationToken cancellationToken)
    {
        MayRead();
        int ahead = _receiver.Clear();
        return ahead + await DoAsync(session => session.PurgeAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private void Complete(Exception? error)
    {
        if (!IsCompleted)
        {
            Error ??= error;
            IsCompleted = true;
            Publisher.Complete();
            _receiver.Complete();
        }
    }

    private async Task CompleteWhenDoneAsync()
    {
        try
        {
            await WaitAsync(CancellationToken.None).ConfigureAwait(false);
            Complete(null);
        }
        catch (Exception)
        {
            // The queue has failed, and its readers got the reason.
        }
    }

    // A broker does not announce that a queue is empty: it has to be polled.
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan pause = ShortestPause;
        while (Publisher.Unconfirmed > 0
            || _receiver.InFlight > 0
            || _settler.Open > 0
            || (!_settings.IsForWriting && await ((IAsyncQueue)this).CountAsync(cancellationToken).ConfigureAwait(false) > 0))
        {
            if (Error is MessagingException failure && _receiver.HasEnded)
            {
                throw failure;
            }

            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private ValueTask<QueueStatistics> LookAsync(CancellationToken cancellationToken)
        => _settings.IsForWriting ? default : DoAsync(session => session.LookAsync(cancellationToken), cancellationToken);

    private async ValueTask<T> DoAsync<T>(Func<IMessageSession, ValueTask<T>> ask, CancellationToken cancellationToken)
    {
        while (true)
        {
            IMessageSession session = await _keeper.GetAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await ask(session).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException && _driver.Explain(e) is { } failure)
            {
                if (!failure.IsTransient)
                {
                    throw MessagingErrors.Failed(failure, e);
                }

                // If this session is lost, the next one is asked.
                await Task.Delay(ShortestPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void MayRead()
    {
        if (_settings.IsForWriting)
        {
            throw MessagingErrors.NothingToRead(Name);
        }
    }
}
