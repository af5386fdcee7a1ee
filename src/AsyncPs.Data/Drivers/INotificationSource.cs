namespace AsyncPs.Data.Drivers;

/// <summary>A connection that listens.</summary>
internal interface INotificationSource : IAsyncDisposable
{
    /// <summary>Waits for the next notifications.</summary>
    /// <param name="cancellationToken">Ends the wait, and with it the use of the connection.</param>
    /// <returns>At least one.</returns>
    ValueTask<IReadOnlyList<DatabaseNotification>> WaitAsync(CancellationToken cancellationToken);
}
