namespace AsyncPs.Concurrency;

/// <content>Reading without a pipeline thread: one reader awaits the records one by one.</content>
internal sealed partial class OutputBuffer
{
    private TaskCompletionSource? _wakeUp;

    /// <summary>Waits for the next record and takes it.</summary>
    /// <param name="done">Whether no record will come; checked again at every <see cref="WakeUp"/>.</param>
    /// <returns>Null when no record will come.</returns>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public async ValueTask<StreamRecord?> ReadAsync(Func<bool> done)
    {
        while (true)
        {
            Task wakeUp;
            lock (_lock)
            {
                _readerSleeps = _woken = _inBatches = false;
                stopping.ThrowIfCancellationRequested();
                if (_records.TryDequeue(out StreamRecord record))
                {
                    MakeRoom();
                    return record;
                }

                // As in WaitForRecord: code that makes `done` true looks at the flag afterwards.
                Volatile.Write(ref _readerSleeps, true);
                Interlocked.MemoryBarrier();
                if (done())
                {
                    _readerSleeps = false;
                    return null;
                }

                _wakeUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wakeUp = _wakeUp.Task;
            }

            await wakeUp.ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Completes when there is a record, or something else to do. For a reader that does something else in the meantime, instead of <see
    /// cref="WaitForRecord"/>; it may check before the task has completed, but does not have to. One reader.
    /// </summary>
    /// <param name="done">Whether there is something else to do; checked again at every <see cref="WakeUp"/>.</param>
    public Task WhenRecordAsync(Func<bool> done)
    {
        lock (_lock)
        {
            _woken = _inBatches = false;
            Volatile.Write(ref _readerSleeps, true);
            Interlocked.MemoryBarrier();
            if (_records.Count > 0 || stopping.IsCancellationRequested || done())
            {
                _readerSleeps = false;
                return Task.CompletedTask;
            }

            _wakeUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _wakeUp.Task;
        }
    }

    // Writers continue when half of the buffer is free: to wake them for every record would cost more than most records.
    private void MakeRoom()
    {
        if (_room is not null && _records.Count <= capacity / 2)
        {
            _room.SetResult();
            _room = null;
        }
    }
}
