using AsyncPs.Concurrency;
using AsyncPs.Streams;

namespace AsyncPs.Jobs;

/// <summary>
/// A job that runs a block for every element of streams: a call of its own, which holds no worker while it waits for them.
/// </summary>
/// <param name="call">The call. The job ends it.</param>
/// <param name="feed">What feeds it.</param>
internal sealed class StreamJob(ConcurrentCall call, StreamFeed feed) : IAsyncJob
{
    /// <inheritdoc/>
    public async ValueTask RunAttemptAsync(WorkItem item, CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration stop = cancellationToken.UnsafeRegister(
            static call => ((ConcurrentCall)call!).Stop(),
            call);
        call.Feed(feed.RunAsync);
        try
        {
            while (await call.ReadToEndAsync().ConfigureAwait(false) is { } record)
            {
                if (record.Kind == StreamKind.Fatal)
                {
                    throw (Exception)record.Data!;
                }

                await item.WriteAsync(record.Kind, DataOf(record)).ConfigureAwait(false);
            }
        }
        finally
        {
            // It waits for the end of what runs.
            await Task.Run(call.Dispose, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => call.Dispose();

    private static object? DataOf(in StreamRecord record)
        => record is { Kind: StreamKind.Error, Item: { } item } ? ItemErrors.FromWritten((ErrorRecord)record.Data!, item) : record.Data;
}
