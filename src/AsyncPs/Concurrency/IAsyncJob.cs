namespace AsyncPs.Concurrency;

/// <summary>What is done with an item that needs no worker: something that is awaited.</summary>
internal interface IAsyncJob : IDisposable
{
    /// <summary>Runs an item once and writes what comes of it.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Canceled when the item's time is over, or it is to end for another reason.</param>
    /// <exception cref="Exception">The attempt has failed.</exception>
    ValueTask RunAttemptAsync(WorkItem item, CancellationToken cancellationToken);

    /// <summary>What an item is, in words, without anything secret; null if there is nothing to say.</summary>
    string? Describe(WorkItem item) => null;
}
