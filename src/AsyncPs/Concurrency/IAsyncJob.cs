namespace AsyncPs.Concurrency;

/// <summary>Runs items that are awaited and need no worker.</summary>
internal interface IAsyncJob : IDisposable
{
    /// <summary>Runs an item once and writes its output.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Canceled when the item times out, or has to end for another reason.</param>
    /// <exception cref="Exception">The attempt failed.</exception>
    ValueTask RunAttemptAsync(WorkItem item, CancellationToken cancellationToken);

    /// <summary>Describes an item without anything secret; null if there is nothing to say.</summary>
    string? Describe(WorkItem item) => null;
}
