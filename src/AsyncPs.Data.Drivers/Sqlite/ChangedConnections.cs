using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AsyncPs.Data.Drivers.Sqlite;

/// <summary>
/// The connections whose state a statement has changed: a setting, a temporary object, an attached file. SQLite reports it when it
/// compiles a statement.
/// </summary>
internal sealed class ChangedConnections
{
    private readonly ConditionalWeakTable<SqliteConnection, StrongBox<bool>> _changed = new();

    /// <summary>Watches the statements of a connection from now on. Call it again when the connection was reopened.</summary>
    public void Watch(SqliteConnection connection)
    {
        var changed = new StrongBox<bool>();
        _changed.AddOrUpdate(connection, changed);
        raw.sqlite3_set_authorizer(
            connection.Handle,
            (_, action, name, value, _, _) =>
            {
                changed.Value |= Changes(action, name, value);
                return raw.SQLITE_OK;
            },
            null);
    }

    /// <summary>Whether the state of a connection differs from that of a new one.</summary>
    public bool Contains(SqliteConnection connection) => _changed.TryGetValue(connection, out StrongBox<bool>? changed) && changed.Value;

    private static bool Changes(int action, utf8z name, utf8z value) => action switch
    {
        // The driver sets read_uncommitted with each transaction.
        raw.SQLITE_PRAGMA => value.utf8_to_string() is not null && name.utf8_to_string() != "read_uncommitted",
        raw.SQLITE_ATTACH or raw.SQLITE_DETACH or raw.SQLITE_CREATE_TEMP_TABLE or raw.SQLITE_CREATE_TEMP_VIEW
            or raw.SQLITE_CREATE_TEMP_TRIGGER or raw.SQLITE_CREATE_TEMP_INDEX => true,
        _ => false,
    };
}
