using System.Data;
using System.Data.Common;
using AsyncPs.Data.Loading;

namespace AsyncPs.Data.Drivers;

/// <summary>The differences between databases. Everything else is ADO.NET.</summary>
internal interface IDatabaseDriver : IAsyncDisposable
{
    /// <summary>The kind of the database.</summary>
    DatabaseKind Kind { get; }

    /// <summary>The name of the database: its file, server and name, or the type of its data source. No secrets.</summary>
    string Name { get; }

    /// <summary>The largest number of connections.</summary>
    int PoolSize { get; }

    /// <summary>The threads for its blocking calls. Default: null; there are none.</summary>
    TaskScheduler? Threads => null;

    /// <summary>Whether only one connection may write at a time. Default: no.</summary>
    bool HasOneWriter => false;

    /// <summary>Whether idle connections stay open. Default: no, they return to the driver's own pool.</summary>
    bool KeepsIdle => false;

    /// <summary>How long to retry when another process is in the way. Default: not at all.</summary>
    TimeSpan BusyTimeout => TimeSpan.Zero;

    /// <summary>Opens a connection.</summary>
    ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Registers a callback for the server's messages on a connection, besides its results. Default: there are none.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="heard">Receives a message, and whether it is a warning. It is called while an item waits for the server.</param>
    void Hear(DbConnection connection, Action<string, bool> heard)
    {
    }

    /// <summary>Begins a transaction.</summary>
    ValueTask<DbTransaction> BeginAsync(DbConnection connection, IsolationLevel isolationLevel, CancellationToken cancellationToken)
        => connection.BeginTransactionAsync(isolationLevel, cancellationToken);

    /// <summary>
    /// Resets an open connection for another user. Default: no connection stays open for another user, see <see cref="KeepsIdle"/>.
    /// </summary>
    ValueTask ResetAsync(DbConnection connection, CancellationToken cancellationToken) => default;

    /// <summary>Whether the same user can continue with a connection in its state. Default: yes, unless something has failed.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="failed">Whether the last query on it has failed.</param>
    bool IsReusable(DbConnection connection, bool failed) => !failed;

    /// <summary>Cancels a running command, also on the server. Safe for any thread.</summary>
    void Cancel(DbCommand command) => command.Cancel();

    /// <summary>Whether a text may change the database. Called if only one connection may write. Default: no.</summary>
    bool IsWrite(DbConnection connection, string sql) => false;

    /// <summary>Whether a text runs faster with positional parameters, written `$1`. Default: no.</summary>
    bool PrefersPositions => false;

    /// <summary>Whether a statement can be prepared before its parameters have values. Default: unknown, so no.</summary>
    bool PreparesInserts => false;

    /// <summary>Adds a parameter to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="name">The parameter's name; null for positional ones.</param>
    /// <param name="value">A .NET value without wrapper; null for NULL.</param>
    /// <param name="type">Its type from <see cref="DescribeParametersAsync"/>, or null.</param>
    /// <exception cref="NotSupportedException">The database has no type for it.</exception>
    void AddParameter(DbCommand command, string? name, object? value, string? type);

    /// <summary>
    /// Whether only the query can tell the type of a value, such as a list: then <see cref="DescribeParametersAsync"/> is called.
    /// Default: no.
    /// </summary>
    bool NeedsType(object? value) => false;

    /// <summary>The types of a query's parameters, without running it. Default: unknown.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction that the query will belong to, or null.</param>
    /// <param name="sql">The query, with positional parameters.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The types by position, or null.</returns>
    ValueTask<IReadOnlyList<string>?> DescribeParametersAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string sql,
        CancellationToken cancellationToken) => default;

    /// <summary>
    /// How the values of each column are read; NULL is <see cref="DBNull"/>. Default: as the driver's reader returns them.
    /// </summary>
    Func<DbDataReader, int, object?>[] CreateReaders(DbDataReader reader)
    {
        var readers = new Func<DbDataReader, int, object?>[reader.FieldCount];
        Array.Fill(readers, static (row, column) => row.GetValue(column));
        return readers;
    }

    /// <summary>Describes a table for a load.</summary>
    /// <returns>Null if no table has that name.</returns>
    ValueTask<BulkTable?> DescribeAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string table,
        CancellationToken cancellationToken);

    /// <summary>
    /// The tables for loads, named as <see cref="DescribeAsync"/> takes them. Default: unknown.
    /// </summary>
    ValueTask<IEnumerable<string>> ListTablesAsync(DbConnection connection, CancellationToken cancellationToken) => new([]);

    /// <summary>Loads rows into a table in the fastest way.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction of the load.</param>
    /// <param name="table">The table.</param>
    /// <param name="columns">The columns of a row's values.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="start">The first row to load.</param>
    /// <param name="end">The row after the last one.</param>
    /// <param name="cancellationToken">Cancels the load.</param>
    /// <exception cref="RowException">A row could not be loaded; its position is from <paramref name="start"/>.</exception>
    /// <exception cref="LoadException">No row can be loaded.</exception>
    ValueTask LoadAsync(
        DbConnection connection,
        DbTransaction transaction,
        BulkTable table,
        IReadOnlyList<BulkColumn> columns,
        ImportRows rows,
        int start,
        int end,
        CancellationToken cancellationToken);

    /// <summary>Opens a connection that listens.</summary>
    /// <param name="channels">The channels.</param>
    /// <param name="keepAlive">How often to check the connection, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <exception cref="NotSupportedException">The database has no notifications, which is the default.</exception>
    ValueTask<INotificationSource> ListenAsync(IReadOnlyList<string> channels, TimeSpan keepAlive, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    /// <summary>Clears cached information about the database. Default: there is none.</summary>
    ValueTask RefreshAsync(CancellationToken cancellationToken) => default;

    /// <summary>The meaning of an exception; null if it is not one of the driver's.</summary>
    DriverFailure? Explain(Exception exception);
}
