using System.Threading.Channels;
using AsyncPs.Concurrency;

namespace AsyncPs.Streams;

/// <summary>Reads a channel. Waiting for an item does not take it: an item that arrives too late stays in the channel.</summary>
internal sealed class ChannelSource<T>(ChannelReader<T> reader, CancellationToken stopping) : StreamSource
{
    /// <inheritdoc/>
    public override async ValueTask<bool> MoveNextAsync()
    {
        while (await reader.WaitToReadAsync(stopping).ConfigureAwait(false))
        {
            if (reader.TryRead(out T? item))
            {
                Current = new StreamRecord(null, StreamKind.Output, item);
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => default;
}
