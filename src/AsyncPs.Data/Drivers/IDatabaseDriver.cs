using System.Data;
using System.Data.Common;

namespace AsyncPs.Data.Drivers;

/// <summary>What differs from database to database. Everything else is ADO.NET.</summary>
internal interface IDatabaseDriver : IAsyncDisposable
{
    /// <summary>What speaks to the database.</summary>
    DatabaseKind Kind { get; }

    /// <summary>What the database is called: its file, or server and name. No secrets.</summary>
    string Name { get; }

    /// <summary>How many connections there may be at once.</summary>
    int PoolSize { get; }

    /// <summary>Where its blocking calls are made; null when it makes none.</summary>
    TaskScheduler? Threads { get; }

    /// <summary>Whether only one connection may write at a time.</summary>
    bool HasOneWriter { get; }

    /// <summary>Whether connections that are not used stay open, rather than go back to a pool that the driver has itself.</summary>
    bool KeepsIdle { get; }

    /// <summary>How long to try again when another process is in the way.</summary>
    TimeSpan BusyTimeout { get; }

    /// <summary>Opens a connection.</summary>
    ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Begins a transaction.</summary>
    ValueTask<DbTransaction> BeginAsync(DbConnection connection, IsolationLevel isolationLevel, CancellationToken cancellationToken);

    /// <summary>Makes a connection like a new one, for somebody else to use.</summary>
    ValueTask ResetAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>Whether the next one can use a connection as it was left.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="failed">Whether what ran on it last has failed.</param>
    bool IsReusable(DbConnection connection, bool failed);

    /// <summary>Stops what a command does, at the server where there is one. Any thread.</summary>
    void Cancel(DbCommand command);

    /// <summary>Whether a text may change the database.</summary>
    bool IsWrite(DbConnection connection, string sql);

    /// <summary>Whether a text runs faster with positional parameters, written `$1`.</summary>
    bool PrefersPositions { get; }

    /// <summary>Adds a parameter to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="name">The parameter's name; null for positions.</param>
    /// <param name="value">A value of .NET, not wrapped; null for NULL.</param>
    /// <exception cref="NotSupportedException">The database has no type for it.</exception>
    void AddParameter(DbCommand command, string? name, object? value);

    /// <summary>How the values of each column are read; NULL is <see cref="DBNull"/>.</summary>
    Func<DbDataReader, int, object?>[] CreateReaders(DbDataReader reader);

    /// <summary>Forgets what is remembered of the database.</summary>
    ValueTask RefreshAsync(CancellationToken cancellationToken);

    /// <summary>What an exception means; null when it is none of the driver's.</summary>
    DriverFailure? Explain(Exception exception);
}
