namespace AsyncPs.Concurrency;

/// <summary>A block of the caller's that is asked about an item by those who run items without a worker.</summary>
internal interface IItemBlock
{
    /// <summary>Runs the block. What it writes to other streams is the item's.</summary>
    /// <param name="item">The item.</param>
    /// <param name="about">The value of `$_`.</param>
    /// <param name="arguments">What `$args` and `param()` get.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What it writes: nothing, one object, or an array of several.</returns>
    /// <exception cref="RuntimeException">An error has ended the block.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    ValueTask<object?> AskAsync(WorkItem item, object? about, object?[] arguments, CancellationToken cancellationToken);
}
