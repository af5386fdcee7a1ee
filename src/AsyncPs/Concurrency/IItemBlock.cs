namespace AsyncPs.Concurrency;

/// <summary>Runs a block of the caller's about an item, for runners without workers.</summary>
internal interface IItemBlock
{
    /// <summary>Runs the block. Its output to the other streams goes to the item's streams.</summary>
    /// <param name="item">The item.</param>
    /// <param name="about">The value of `$_`.</param>
    /// <param name="arguments">The values of `$args` and `param()`.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Its output: null, one object, or an array of several.</returns>
    /// <exception cref="RuntimeException">An error ended the block.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    ValueTask<object?> AskAsync(WorkItem item, object? about, object?[] arguments, CancellationToken cancellationToken);
}
