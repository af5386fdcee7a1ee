using AsyncPs.Concurrency;
using AsyncPs.Streams;

namespace AsyncPs.Jobs;

/// <summary>
/// A job that runs a block for every element of streams. It is a separate call, and holds no worker while it waits for elements.
/// </summary>
/// <param name="call">The call, which the job disposes.</param>
/// <param name="feed">The feed of the call.</param>
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
            // Dispose waits until running blocks have ended.
            await Task.Run(call.Dispose, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => call.Dispose();

    private static object? DataOf(in StreamRecord record)
        => record is { Kind: StreamKind.Error, Item: { } item } ? ItemErrors.FromWritten((ErrorRecord)record.Data!, item) : record.Data;
}
