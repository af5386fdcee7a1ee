using System.Threading.Channels;
using AsyncPs.Concurrency;

namespace AsyncPs.Streams;

/// <summary>Reads a limited number of records ahead.</summary>
/// <param name="inner">The source.</param>
/// <param name="count">How many records ahead, from 1.</param>
/// <param name="stopping">Ends every wait.</param>
internal sealed class PrefetchSource(StreamSource inner, int count, CancellationToken stopping) : StreamSource
{
    private readonly Channel<StreamRecord> _ahead = Channel.CreateBounded<StreamRecord>(
        new BoundedChannelOptions(count) { SingleReader = true, SingleWriter = true });

    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
    private Task? _reading;

    /// <inheritdoc/>
    public override async ValueTask<bool> MoveNextAsync()
    {
        _reading ??= Task.Run(ReadAheadAsync, CancellationToken.None);
        while (await _ahead.Reader.WaitToReadAsync(stopping).ConfigureAwait(false))
        {
            if (_ahead.Reader.TryRead(out StreamRecord record))
            {
                Current = record;
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        if (_reading is not null)
        {
            await _reading.ConfigureAwait(false);
        }

        _end.Dispose();
        await inner.DisposeAsync().ConfigureAwait(false);
    }

    // It waits for room first, and so reads nothing without a place for it.
    private async Task ReadAheadAsync()
    {
        try
        {
            while (await _ahead.Writer.WaitToWriteAsync(_end.Token).ConfigureAwait(false)
                && await inner.MoveNextAsync().AsTask().WaitAsync(_end.Token).ConfigureAwait(false))
            {
                _ahead.Writer.TryWrite(inner.Current);
            }

            _ahead.Writer.Complete();
        }
        catch (Exception e)
        {
            _ahead.Writer.Complete(e);
        }
    }
}
