using AsyncPs.Concurrency;

namespace AsyncPs.Blocks;

/// <summary>A block that runs on a worker, with what it captured of the caller's session, because the caller has gone on.</summary>
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
