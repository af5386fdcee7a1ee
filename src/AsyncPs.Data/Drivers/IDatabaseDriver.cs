using System.Data;
using System.Data.Common;
using AsyncPs.Data.Loading;

namespace AsyncPs.Data.Drivers;

/// <summary>What differs from database to database. Everything else is ADO.NET.</summary>
internal interface IDatabaseDriver : IAsyncDisposable
{
    /// <summary>What speaks to the database.</summary>
    DatabaseKind Kind { get; }

    /// <summary>What the database is called: its file, server and name, or the type of what connects to it. No secrets.</summary>
    string Name { get; }

    /// <summary>How many connections there may be at once.</summary>
    int PoolSize { get; }

    /// <summary>Where its blocking calls are made. Default: null, it makes none.</summary>
    TaskScheduler? Threads => null;

    /// <summary>Whether only one connection may write at a time. Default: no.</summary>
    bool HasOneWriter => false;

    /// <summary>Whether idle connections stay open. Default: no, they go back to a pool that the driver has itself.</summary>
    bool KeepsIdle => false;

    /// <summary>How long to try again when another process is in the way. Default: not at all.</summary>
    TimeSpan BusyTimeout => TimeSpan.Zero;

    /// <summary>Opens a connection.</summary>
    ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Has somebody told of what the server says on a connection beside its results. Default: it says nothing.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="heard">Takes a message, and whether it is a warning. It is called while something waits for the server.</param>
    void Hear(DbConnection connection, Action<string, bool> heard)
    {
    }

    /// <summary>Begins a transaction.</summary>
    ValueTask<DbTransaction> BeginAsync(DbConnection connection, IsolationLevel isolationLevel, CancellationToken cancellationToken)
        => connection.BeginTransactionAsync(isolationLevel, cancellationToken);

    /// <summary>
    /// Makes a connection that has stayed open like a new one, for somebody else to use. Default: none stays open for somebody else, see
    /// <see cref="KeepsIdle"/>.
    /// </summary>
    ValueTask ResetAsync(DbConnection connection, CancellationToken cancellationToken) => default;

    /// <summary>Whether the next user can have a connection as it was left. Default: yes, unless something has failed.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="failed">Whether what ran on it last has failed.</param>
    bool IsReusable(DbConnection connection, bool failed) => !failed;

    /// <summary>Stops what a command does, at the server where there is one. Safe for any thread.</summary>
    void Cancel(DbCommand command) => command.Cancel();

    /// <summary>Whether a text may change the database. Asked where only one connection may write. Default: no.</summary>
    bool IsWrite(DbConnection connection, string sql) => false;

    /// <summary>Whether a text runs faster with positional parameters, written `$1`. Default: no.</summary>
    bool PrefersPositions => false;

    /// <summary>Whether a statement can be prepared before its parameters have values. Default: that is not known.</summary>
    bool PreparesInserts => false;

    /// <summary>Adds a parameter to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="name">The parameter's name; null for positions.</param>
    /// <param name="value">A value of .NET, not wrapped; null for NULL.</param>
    /// <param name="type">What <see cref="DescribeParametersAsync"/> has said of it, or null.</param>
    /// <exception cref="NotSupportedException">The database has no type for it.</exception>
    void AddParameter(DbCommand command, string? name, object? value, string? type);

    /// <summary>
    /// Whether only the query can tell what a value is for, as of a list: then <see cref="DescribeParametersAsync"/> is asked. Default: no
    /// value is like that.
    /// </summary>
    bool NeedsType(object? value) => false;

    /// <summary>What types the parameters of a query have, which is not run. Default: that is not known.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction that the query will belong to, or null.</param>
    /// <param name="sql">The query, with positions.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <returns>The types by their positions, or null.</returns>
    ValueTask<IReadOnlyList<string>?> DescribeParametersAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string sql,
        CancellationToken cancellationToken) => default;

    /// <summary>How the values of each column are read; NULL is <see cref="DBNull"/>. Default: as the driver's reader gives them.</summary>
    Func<DbDataReader, int, object?>[] CreateReaders(DbDataReader reader)
    {
        var readers = new Func<DbDataReader, int, object?>[reader.FieldCount];
        Array.Fill(readers, static (row, column) => row.GetValue(column));
        return readers;
    }

    /// <summary>Looks at a table that rows are to be loaded into.</summary>
    /// <returns>Null when there is none of that name.</returns>
    ValueTask<BulkTable?> DescribeAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string table,
        CancellationToken cancellationToken);

    /// <summary>
    /// The tables that rows may be loaded into, named as <see cref="DescribeAsync"/> takes them. Default: it is not known how to ask.
    /// </summary>
    ValueTask<IEnumerable<string>> ListTablesAsync(DbConnection connection, CancellationToken cancellationToken) => new([]);

    /// <summary>Loads rows into a table by the fastest way there is.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction they belong to.</param>
    /// <param name="table">The table.</param>
    /// <param name="columns">What the values of a row are for.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="start">The first of them to load.</param>
    /// <param name="end">The first after it not to load.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    /// <exception cref="RowException">One of them could not be loaded; its position is from <paramref name="start"/>.</exception>
    /// <exception cref="LoadException">None of them can be.</exception>
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
    /// <param name="keepAlive">How often to ask the server whether it is there, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="NotSupportedException">The database has no notifications. Default.</exception>
    ValueTask<INotificationSource> ListenAsync(IReadOnlyList<string> channels, TimeSpan keepAlive, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    /// <summary>Forgets what is remembered of the database. Default: nothing is.</summary>
    ValueTask RefreshAsync(CancellationToken cancellationToken) => default;

    /// <summary>What an exception means; null when it is none of the driver's.</summary>
    DriverFailure? Explain(Exception exception);
}
