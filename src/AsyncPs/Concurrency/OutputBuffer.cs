using System.Threading.Channels;

namespace AsyncPs.Concurrency;

/// <summary>
/// The bounded way from everything that runs to the pipeline thread, the only thread that writes.
/// Writers wait while it is full (back-pressure); the pipeline thread waits while it is empty.
/// </summary>
/// <param name="capacity">How many records may be under way.</param>
/// <param name="window">The reorder window that holds records of later items back, or null when results leave as they come.</param>
/// <param name="stopping">Cancelled when the call is stopped: nobody waits any longer, nothing more is kept.</param>
internal sealed class OutputBuffer(int capacity, ReorderWindow? window, CancellationToken stopping)
{
    private const int SpinsBeforeSleep = 20;

    private readonly Channel<StreamRecord> _records = Channel.CreateBounded<StreamRecord>(
        new BoundedChannelOptions(capacity) { SingleReader = true, AllowSynchronousContinuations = true });

    /// <summary>Adds a record; the calling thread waits while the buffer, or the item's place in the window, is not free.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void Write(in StreamRecord record)
    {
        if (window is not null && record is { Item: { } item, Kind: not StreamKind.Progress } && !window.MayWrite(item))
        {
            window.WaitForTurn(item, stopping);
        }

        while (!_records.Writer.TryWrite(record))
        {
            stopping.ThrowIfCancellationRequested();
            Block(_records.Writer.WaitToWriteAsync(stopping));
        }
    }

    /// <summary>Adds a record without ever blocking a thread.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public async ValueTask WriteAsync(StreamRecord record)
    {
        if (window is not null && record is { Item: { } item, Kind: not StreamKind.Progress } && !window.MayWrite(item))
        {
            await window.WaitForTurnAsync(item, stopping).ConfigureAwait(false);
        }

        await _records.Writer.WriteAsync(record, stopping).ConfigureAwait(false);
    }

    /// <summary>Takes the next record, if there is one. Pipeline thread only.</summary>
    public bool TryRead(out StreamRecord record) => _records.Reader.TryRead(out record);

    /// <summary>Sleeps until there is a record. Pipeline thread only.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void WaitForRecord()
    {
        var spinner = new SpinWait();
        while (spinner.Count < SpinsBeforeSleep)
        {
            if (_records.Reader.Count > 0)
            {
                return;
            }

            spinner.SpinOnce(sleep1Threshold: -1);
        }

        Block(_records.Reader.WaitToReadAsync(stopping));
    }

    private static void Block(ValueTask<bool> wait)
    {
        if (wait.IsCompletedSuccessfully)
        {
            _ = wait.Result;
            return;
        }

        _ = wait.AsTask().GetAwaiter().GetResult();
    }
}
