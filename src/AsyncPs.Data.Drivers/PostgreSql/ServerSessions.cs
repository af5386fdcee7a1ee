using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>
/// The server sessions of connections. A cancel request that arrives before the statement has begun is lost. After a while Npgsql drops
/// the connection, but the server looks at it only when it has something to send, and would run the statement to its end.
/// </summary>
/// <param name="source">Connections for ending sessions.</param>
internal sealed class ServerSessions(NpgsqlDataSource source)
{
    // A session that has the number by now belongs to another user or application, in most cases.
    private const string Terminate =
        "select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and usename = current_user and application_name = "
            + "current_setting('application_name')";

    private readonly ConditionalWeakTable<NpgsqlConnection, object> _numbers = new();

    /// <summary>Notes a connection that was opened.</summary>
    public void Note(NpgsqlConnection connection) => _numbers.AddOrUpdate(connection, connection.ProcessID);

    /// <summary>Ends the session of a failed connection in the background, if the driver has dropped the connection.</summary>
    public void Failed(NpgsqlConnection connection)
    {
        if (connection.FullState.HasFlag(ConnectionState.Broken) && _numbers.TryGetValue(connection, out object? number))
        {
            _numbers.Remove(connection);
            _ = Task.Run(() => TerminateAsync((int)number));
        }
    }

    private async Task TerminateAsync(int number)
    {
        try
        {
            await using NpgsqlCommand command = source.CreateCommand(Terminate);
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = number });
            await command.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or ObjectDisposedException or InvalidOperationException)
        {
            // An unreachable server has lost the session, or ends it when it notices that the client is gone.
        }
    }
}
