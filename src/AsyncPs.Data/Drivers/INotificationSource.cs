namespace AsyncPs.Data.Drivers;

/// <summary>A connection that listens.</summary>
internal interface INotificationSource : IAsyncDisposable
{
    /// <summary>Waits for the next notifications.</summary>
    /// <param name="cancellationToken">Ends the wait. The connection cannot be used afterwards.</param>
    /// <returns>At least one notification.</returns>
    ValueTask<IReadOnlyList<DatabaseNotification>> WaitAsync(CancellationToken cancellationToken);
}
