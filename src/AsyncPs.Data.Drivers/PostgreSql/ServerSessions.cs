using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>
/// The sessions at the server that connections belong to. A request to cancel that comes before the statement has begun is lost; Npgsql
/// then lets go of the connection after a while, and the server, which only looks at it when it has something to send, would run the
/// statement to its end.
/// </summary>
/// <param name="source">Connections to end sessions with.</param>
internal sealed class ServerSessions(NpgsqlDataSource source)
{
    // Whatever has another's number by now is another's: of another user or application, mostly.
    private const string Terminate =
        "select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and usename = current_user and application_name = "
            + "current_setting('application_name')";

    private readonly ConditionalWeakTable<NpgsqlConnection, object> _numbers = new();

    /// <summary>A connection was opened.</summary>
    public void Note(NpgsqlConnection connection) => _numbers.AddOrUpdate(connection, connection.ProcessID);

    /// <summary>A connection has failed: if it was let go of, its session is ended, in the background.</summary>
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
            // A server that cannot be connected to has lost the session, or loses it when it sees that nobody is there.
        }
    }
}
