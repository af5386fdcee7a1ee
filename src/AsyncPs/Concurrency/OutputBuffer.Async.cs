namespace AsyncPs.Concurrency;

/// <content>Reading without a pipeline thread: one reader that awaits the records, one at a time.</content>
internal sealed partial class OutputBuffer
{
    private TaskCompletionSource? _wakeUp;

    /// <summary>Takes the next record as soon as there is one.</summary>
    /// <param name="done">Whether none will come; looked at again at every <see cref="WakeUp"/>.</param>
    /// <returns>Null when none will come.</returns>
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

                // As in WaitForRecord: who makes `done` true looks at the flag afterwards.
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

    // Writers go on when half of it is free: to wake them for every record would cost more than most records.
    private void MakeRoom()
    {
        if (_room is not null && _records.Count <= capacity / 2)
        {
            _room.SetResult();
            _room = null;
        }
    }
}
