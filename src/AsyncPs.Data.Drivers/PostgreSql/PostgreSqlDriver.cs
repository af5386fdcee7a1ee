using System.Data.Common;
using Npgsql;
using Npgsql.PostgresTypes;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>PostgreSQL. Nothing blocks, and a cancellation also cancels on the server, if need be by ending its session.</summary>
internal sealed class PostgreSqlDriver : IDatabaseDriver
{
    // The default number of connections: PostgreSQL accepts 100 from all its clients by default.
    private const int DefaultPoolSize = 16;

    // The module's pool limits the connections. Those whose rows wait for their reader are added to its limit.
    private const int Overflow = 8;

    // The driver's name of a type that was created after it loaded the types.
    private const string UnknownType = "-.-";

    // The severity as the server writes it in every language.
    private const string Warning = "WARNING";

    private const string Tables = """
        select c.oid::regclass::text
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        """;

    private readonly NpgsqlDataSource _source;
    private readonly ServerSessions _sessions;
    private readonly string _connectionString;

    /// <summary>Prepares to connect.</summary>
    /// <exception cref="ArgumentException">The connection string is not valid.</exception>
    public PostgreSqlDriver(ServerSettings settings)
    {
        var connection = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        bool Says(string keyword) => connection.ContainsKey(keyword) && connection.ShouldSerialize(keyword);
        PoolSize = settings.PoolSize ?? (Says("Maximum Pool Size") ? connection.MaxPoolSize : DefaultPoolSize);
        connection.MaxPoolSize = PoolSize * Overflow;
        connection.Username = settings.UserName ?? connection.Username;
        connection.Password = settings.Password ?? connection.Password;
        if (!Says("Command Timeout"))
        {
            connection.CommandTimeout = 0;
        }

        if (!Says("Application Name"))
        {
            connection.ApplicationName = "AsyncPs";
        }

        connection.ArrayNullabilityMode = ArrayNullabilityMode.PerInstance;
        Name = $"{connection.Host}:{connection.Port}/{connection.Database ?? connection.Username}";
        _connectionString = connection.ConnectionString;
        var builder = new NpgsqlDataSourceBuilder(_connectionString);
        builder.EnableUnmappedTypes();
        builder.EnableRecordsAsTuples();
#pragma warning disable NPG9001
        builder.AddTypeInfoResolverFactory(new RawValues());
#pragma warning restore NPG9001
        _source = builder.Build();
        _sessions = new ServerSessions(_source);
    }

    /// <inheritdoc/>
    public DatabaseKind Kind => DatabaseKind.PostgreSql;

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int PoolSize { get; }

    /// <inheritdoc/>
    public bool PrefersPositions => true;

    /// <inheritdoc/>
    public async ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        ValueTask<NpgsqlConnection> opening = _source.OpenConnectionAsync(cancellationToken);
        NpgsqlConnection connection = opening.IsCompletedSuccessfully
            ? opening.Result
            : await OpenAsync(opening.AsTask(), cancellationToken).ConfigureAwait(false);
        _sessions.Note(connection);
        return connection;
    }

    /// <inheritdoc/>
    public void Hear(DbConnection connection, Action<string, bool> heard)
        => ((NpgsqlConnection)connection).Notice += (_, e) => heard(Failures.Text(e.Notice), e.Notice.InvariantSeverity == Warning);

    /// <inheritdoc/>
    public bool IsReusable(DbConnection connection, bool failed)
    {
        if (failed)
        {
            _sessions.Failed((NpgsqlConnection)connection);
        }

        return !failed;
    }

    /// <inheritdoc/>
    public void AddParameter(DbCommand command, string? name, object? value, string? type)
        => ((NpgsqlCommand)command).Parameters.Add(
            Parameters.Create(name, value, type, () => SessionZone.Of((NpgsqlConnection)command.Connection!)));

    /// <inheritdoc/>
    public bool NeedsType(object? value) => Parameters.NeedsType(value);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>?> DescribeParametersAsync(
        DbConnection connection, DbTransaction? transaction, string sql, CancellationToken cancellationToken)
        => ParameterTypes.AskAsync((NpgsqlConnection)connection, transaction, sql, cancellationToken);

    /// <inheritdoc/>
    public Func<DbDataReader, int, object?>[] CreateReaders(DbDataReader reader)
    {
        var readers = new Func<DbDataReader, int, object?>[reader.FieldCount];
        for (int i = 0; i < readers.Length; i++)
        {
            PostgresType type = ((NpgsqlDataReader)reader).GetPostgresType(i);
            readers[i] = type.DisplayName == UnknownType ? throw new UnknownTypeException() : Values.ReaderOf(type);
        }

        return readers;
    }

    /// <inheritdoc/>
    public async ValueTask<BulkTable?> DescribeAsync(
        DbConnection connection, DbTransaction? transaction, string table, CancellationToken cancellationToken)
    {
        BulkTable? described = await CopyLoader.DescribeAsync(connection, transaction, table, cancellationToken).ConfigureAwait(false);
        if (transaction is null && described?.Columns.Any(static column => column.IsOwnType) == true)
        {
            // The type may have been created after the driver loaded the types.
            await RefreshAsync(cancellationToken).ConfigureAwait(false);
        }

        return described;
    }

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
        => CopyLoader.LoadAsync(connection, table, columns, rows, start, end, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<INotificationSource> ListenAsync(
        IReadOnlyList<string> channels, TimeSpan keepAlive, CancellationToken cancellationToken)
    {
        // Not one of the pool's connections, which are for queries and are not checked for liveness.
        var connection = new NpgsqlConnectionStringBuilder(_connectionString)
        {
            Pooling = false,
            KeepAlive = keepAlive == Timeout.InfiniteTimeSpan ? 0 : (int)Math.Ceiling(keepAlive.TotalSeconds),
        };
        return await NotificationSource.OpenAsync(connection.ConnectionString, channels, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        // Closing the connections also drops the statements that are prepared on them.
        _source.Clear();
        await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await connection.ReloadTypesAsync(cancellationToken).ConfigureAwait(false);
    }

    // While the driver negotiates with the server, it does not observe the token.
    private static async Task<NpgsqlConnection> OpenAsync(Task<NpgsqlConnection> opening, CancellationToken cancellationToken)
    {
        try
        {
            return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = CloseLateAsync(opening);
            throw;
        }
    }

    private static async Task CloseLateAsync(Task<NpgsqlConnection> opening)
    {
        try
        {
            NpgsqlConnection connection = await opening.ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException || Failures.Explain(e) is not null)
        {
            // Nothing waits for the connection.
        }
    }

    /// <inheritdoc/>
    public DriverFailure? Explain(Exception exception) => Failures.Explain(exception);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
