using AsyncPs.Concurrency;

namespace AsyncPs.Remote.Far;

/// <summary>Receives the records of one item of a batch on the worker's thread; the command's thread sends them to the caller.</summary>
/// <param name="place">The item's place in its batch.</param>
/// <param name="attempt">The number of the caller's attempt.</param>
/// <param name="records">The buffer for its records.</param>
/// <param name="ended">Called when it has ended.</param>
internal sealed class FarSink(int place, int attempt, OutputBuffer records, Action ended) : IItemSink, IAttemptSource
{
    /// <summary>The item's place in its batch.</summary>
    public int Place => place;

    /// <inheritdoc/>
    public int Attempt => attempt;

    /// <inheritdoc/>
    void IItemSink.Started()
    {
    }

    /// <inheritdoc/>
    void IItemSink.Write(in StreamRecord record) => records.Write(record);

    /// <inheritdoc/>
    ValueTask IItemSink.WriteAsync(StreamRecord record) => records.WriteAsync(record);

    /// <inheritdoc/>
    void IItemSink.Ended(ConcurrentStatus status) => _ = EndAsync();

    private async Task EndAsync()
    {
        try
        {
            await records.WriteAsync(new StreamRecord(null, StreamKind.Completed, this)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The call is being stopped and does not wait for the end.
        }

        ended();
    }
}
