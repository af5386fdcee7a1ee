using AsyncPs.Concurrency;

namespace AsyncPs.Blocks;

/// <summary>A block that runs on a worker because the caller has continued, with what it captured from the caller's session.</summary>
internal sealed class WorkerBlock(BackgroundBlock block) : IItemBlock
{
    /// <inheritdoc/>
    public async ValueTask<object?> AskAsync(WorkItem item, object? about, object?[] arguments, CancellationToken cancellationToken)
    {
        BlockOutput written = await block
            .RunAsync(about, new ItemArguments(arguments), cancellationToken, record => item.WriteAsync(record.Kind, record.Data))
            .ConfigureAwait(false);
        return written.Value;
    }
}
