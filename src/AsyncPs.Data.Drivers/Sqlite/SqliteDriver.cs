using System.Data;
using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using AsyncPs.Data.Loading;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AsyncPs.Data.Drivers.Sqlite;

/// <summary>
/// SQLite. It has no asynchronous calls, so they are made on threads of the driver. Files use write-ahead logging, so that one writer and
/// many readers do not wait for each other.
/// </summary>
internal sealed class SqliteDriver : IDatabaseDriver
{
    // The library checks a locked file every 150 ms without being interruptible; longer waits are repeated from outside.
    private const int SecondsInOneCall = 1;

    private const string Tables = """
        select case when name glob '*[^A-Za-z0-9_]*' then '"' || replace(name, '"', '""') || '"' else name end from sqlite_master
        where type = 'table' and name not like 'sqlite\_%' escape '\'
        """;

    // The driver's message for a parameter without a value. Parameters written @name have one, or there was an error before.
    private const string ValuesAreMissing = "Must add values";

    // The largest number up to which a Double represents every integer.
    private const decimal MostExact = 1L << 53;

    private readonly string _connectionString;
    private readonly BlockingThreads _threads;
    private readonly ChangedConnections _changed = new();
    private readonly bool _isInMemory;
    private readonly bool _isReadOnly;

    // A database in memory lives as long as a connection to it.
    private readonly SqliteConnection? _keeper;

    /// <summary>Prepares a database; the first connection opens the file.</summary>
    public SqliteDriver(SqliteSettings settings)
    {
        _isInMemory = settings.Path is null;
        _isReadOnly = settings.IsReadOnly;
        PoolSize = settings.PoolSize;
        BusyTimeout = settings.BusyTimeout;
        Name = settings.Path ?? ":memory:";
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = settings.Path ?? "asyncps-" + Guid.NewGuid().ToString("N"),
            Mode = _isInMemory ? SqliteOpenMode.Memory : _isReadOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Cache = _isInMemory ? SqliteCacheMode.Shared : SqliteCacheMode.Default,
            DefaultTimeout = SecondsInOneCall,
            ForeignKeys = true,
            Pooling = false,
        }.ToString();
        _threads = new BlockingThreads("AsyncPs SQLite", PoolSize);
        if (_isInMemory)
        {
            _keeper = Open();
        }
    }

    /// <inheritdoc/>
    public DatabaseKind Kind => DatabaseKind.Sqlite;

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int PoolSize { get; }

    /// <inheritdoc/>
    public TaskScheduler? Threads => _threads;

    /// <inheritdoc/>
    public bool HasOneWriter => true;

    /// <inheritdoc/>
    public bool KeepsIdle => true;

    /// <inheritdoc/>
    public TimeSpan BusyTimeout { get; }

    /// <inheritdoc/>
    public bool PreparesInserts => true;

    /// <inheritdoc/>
    public ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken)
        => WhileBusyAsync(() => new ValueTask<DbConnection>(Open()), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DbTransaction> BeginAsync(DbConnection connection, IsolationLevel isolationLevel, CancellationToken cancellationToken)
        => WhileBusyAsync(() => connection.BeginTransactionAsync(isolationLevel, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ResetAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var changed = (SqliteConnection)connection;
        if (_changed.Contains(changed))
        {
            await changed.CloseAsync();
            await WhileBusyAsync(() => new ValueTask<DbConnection>(Open(changed)), cancellationToken);
        }
        else if (_isInMemory)
        {
            // A transaction has reset the settings.
            Configure(changed);
        }
    }

    /// <inheritdoc/>
    public bool IsReusable(DbConnection connection, bool failed)
        => connection.State == ConnectionState.Open && raw.sqlite3_get_autocommit(((SqliteConnection)connection).Handle) != 0;

    /// <inheritdoc/>
    public void Cancel(DbCommand command)
    {
        if (((SqliteConnection)command.Connection!).Handle is { IsInvalid: false } handle)
        {
            raw.sqlite3_interrupt(handle);
        }
    }

    /// <inheritdoc/>
    public bool IsWrite(DbConnection connection, string sql)
    {
        sqlite3 handle = ((SqliteConnection)connection).Handle!;
        utf8z rest = utf8z.FromString(sql);
        while (true)
        {
            // A statement that cannot be compiled yet depends on an object that an earlier one creates.
            if (raw.sqlite3_prepare_v2(handle, rest, out sqlite3_stmt statement, out rest) != raw.SQLITE_OK)
            {
                return true;
            }

            using (statement)
            {
                // Only space or a comment is left.
                if (statement.IsInvalid)
                {
                    return false;
                }

                if (raw.sqlite3_stmt_readonly(statement) == 0)
                {
                    return true;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void AddParameter(DbCommand command, string? name, object? value, string? type)
        => ((SqliteCommand)command).Parameters.AddWithValue("@" + name, Convert(value));

    /// <inheritdoc/>
    public async ValueTask<BulkTable?> DescribeAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string table,
        CancellationToken cancellationToken)
        => await InsertLoader.DescribeAsync(this, connection, transaction, table, cancellationToken) is { } described
            ? described with { Columns = DeclaredTypes.Of((SqliteConnection)connection, described) }
            : null;

    /// <inheritdoc/>
    public ValueTask<IEnumerable<string>> ListTablesAsync(DbConnection connection, CancellationToken cancellationToken)
        => NameQuery.RunAsync(connection, Tables, cancellationToken);

    /// <inheritdoc/>
    public ValueTask LoadAsync(
        DbConnection connection,
        DbTransaction transaction,
        BulkTable table,
        IReadOnlyList<BulkColumn> columns,
        ImportRows rows,
        int start,
        int end,
        CancellationToken cancellationToken)
        => InsertLoader.LoadAsync(
            this,
            connection,
            transaction,
            table.Name,
            [.. columns.Select(Target)],
            rows,
            start,
            end,
            cancellationToken);

    /// <inheritdoc/>
    public DriverFailure? Explain(Exception exception) => exception switch
    {
        LoadException { InnerException: { } inner } => Explain(inner)!.Value with { IsOfAll = true },
        SqliteException failure => new DriverFailure(
            failure.Message,
            failure.SqliteErrorCode.ToString(CultureInfo.InvariantCulture),
            IsTransient: failure.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED,
            IsConnection: failure.SqliteErrorCode is raw.SQLITE_CANTOPEN or raw.SQLITE_NOTADB,
            IsBusy: failure.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED,
            IsOfAll: failure.SqliteErrorCode is raw.SQLITE_READONLY or raw.SQLITE_FULL or raw.SQLITE_IOERR or raw.SQLITE_CORRUPT
                or raw.SQLITE_NOMEM),
        InvalidOperationException when exception.Message.StartsWith(ValuesAreMissing, StringComparison.Ordinal) => new DriverFailure(
            "The query has a parameter without a value. Only parameters that are written as @name get values.",
            null,
            IsTransient: false,
            IsConnection: false),

        // A query in the transaction has ended it.
        InvalidOperationException => new DriverFailure(exception.Message, null, IsTransient: false, IsConnection: false),
        _ => null,
    };

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _keeper?.DisposeAsync() ?? default;

    private async ValueTask<T> WhileBusyAsync<T>(Func<ValueTask<T>> attempt, CancellationToken cancellationToken)
    {
        long startedAt = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                return await attempt();
            }
            catch (SqliteException e) when (Explain(e) is { IsBusy: true } && Stopwatch.GetElapsedTime(startedAt) < BusyTimeout)
            {
                // Another process is writing.
            }
        }
    }

    private SqliteConnection Open() => Open(new SqliteConnection(_connectionString));

    private SqliteConnection Open(SqliteConnection connection)
    {
        try
        {
            connection.Open();
            Configure(connection);
            _changed.Watch(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Configure(SqliteConnection connection)
    {
        using SqliteCommand settings = connection.CreateCommand();
        settings.CommandText = _isInMemory
            ? "pragma read_uncommitted = 1"
            : _isReadOnly ? "pragma query_only = 1" : "pragma journal_mode = wal; pragma synchronous = normal";
        settings.ExecuteNonQuery();
    }

    private static InsertColumn Target(BulkColumn column)
        => new(column, "\"" + column.Name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"", SqliteColumns.Of(column.Type));

    private static object Convert(object? value) => value switch
    {
        null => DBNull.Value,
        string or bool or byte or sbyte or short or ushort or int or uint or long or float or double or char or byte[]
            or DateTime or DateTimeOffset or DateOnly or TimeOnly or TimeSpan or Guid => value,

        // The driver would convert them to text, which SQLite sorts after all numbers.
        decimal number when IsExactAsIntegerOnly(number) => (long)number,
        decimal number => (double)number,
        BigInteger number => checked((long)number),
        ulong number => checked((long)number),
        Enum name => name.ToString(),
        Uri or Version or System.Net.IPAddress => value.ToString()!,
        _ => throw new NotSupportedException(),
    };

    private static bool IsExactAsIntegerOnly(decimal number)
        => Math.Abs(number) > MostExact && number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue;
}
