using Npgsql;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>A connection that only listens.</summary>
internal sealed class NotificationSource : INotificationSource
{
    private readonly NpgsqlConnection _connection;

    // Notifications arrive on the waiting thread, and on the driver's thread that checks the connection.
    private readonly object _lock = new();
    private List<DatabaseNotification> _come = [];

    private NotificationSource(NpgsqlConnection connection)
    {
        _connection = connection;
        connection.Notification += (_, e) => Add(new DatabaseNotification(e.Channel, e.Payload, e.PID));
    }

    /// <summary>Connects and listens.</summary>
    public static async ValueTask<NotificationSource> OpenAsync(
        string connectionString,
        IReadOnlyList<string> channels,
        CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            var source = new NotificationSource(connection);
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            string listen = string.Concat(channels.Select(static channel
                => $"listen \"{channel.Replace("\"", "\"\"", StringComparison.Ordinal)}\";"));
            await using var command = new NpgsqlCommand(listen, connection);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return source;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DatabaseNotification>> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Take() is { Count: > 0 } come)
            {
                return come;
            }

            await _connection.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private void Add(DatabaseNotification notification)
    {
        lock (_lock)
        {
            _come.Add(notification);
        }
    }

    private List<DatabaseNotification> Take()
    {
        lock (_lock)
        {
            List<DatabaseNotification> come = _come;
            if (come.Count > 0)
            {
                _come = [];
            }

            return come;
        }
    }
}
