using System.Data.Common;
using System.Runtime.CompilerServices;
using AsyncPs.Data.Loading;
using MySqlConnector;

namespace AsyncPs.Data.Drivers.MySql;

/// <summary>MySQL and MariaDB. Nothing blocks, and a cancellation also cancels on the server.</summary>
internal sealed class MySqlDriver : IDatabaseDriver
{
    private const int DefaultPoolSize = 16;

    // The module's pool limits the connections. Those whose rows wait for their reader are added to its limit.
    private const int Overflow = 8;

    private const string Tables = """
        select case when table_name regexp '^[A-Za-z0-9_]+$' then table_name else concat('`', replace(table_name, '`', '``'), '`') end
        from information_schema.tables where table_schema = database() and table_type = 'BASE TABLE'
        """;

    private readonly MySqlDataSource _source;
    private readonly ConditionalWeakTable<MySqlConnection, MySqlInfoMessageEventHandler> _hearing = new();
    private bool _takesFiles = true;

    /// <summary>Prepares to connect.</summary>
    /// <exception cref="ArgumentException">The connection string is not valid.</exception>
    public MySqlDriver(ServerSettings settings)
    {
        var connection = new MySqlConnectionStringBuilder(settings.ConnectionString);
        PoolSize = settings.PoolSize
            ?? (connection.ContainsKey("Maximum Pool Size") && connection.ShouldSerialize("Maximum Pool Size")
                ? (int)connection.MaximumPoolSize
                : DefaultPoolSize);
        connection.MaximumPoolSize = (uint)(PoolSize * Overflow);
        connection.UserID = settings.UserName ?? connection.UserID;
        connection.Password = settings.Password ?? connection.Password;
        connection.DefaultCommandTimeout = Says(connection, "Default Command Timeout", "Command Timeout")
            ? connection.DefaultCommandTimeout
            : 0;
        connection.GuidFormat = Says(connection, "GUID Format", "GuidFormat") ? connection.GuidFormat : MySqlGuidFormat.None;

        // Bulk loads send rows as a pseudo file; the server is sent no real one.
        connection.AllowLoadLocalInfile = true;

        // Invalid dates do not prevent a row from being read.
        connection.AllowZeroDateTime = true;
        connection.ApplicationName = Says(connection, "Application Name", "ApplicationName") ? connection.ApplicationName : "AsyncPs";
        Name = $"{connection.Server}:{connection.Port}/{connection.Database}";
        _source = new MySqlDataSourceBuilder(connection.ConnectionString).Build();
    }

    /// <inheritdoc/>
    public DatabaseKind Kind => DatabaseKind.MySql;

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int PoolSize { get; }

    /// <inheritdoc/>
    public async ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken)
        => await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Hear(DbConnection connection, Action<string, bool> heard)
    {
        MySqlInfoMessageEventHandler handler = (_, e) =>
        {
            foreach (MySqlError said in e.Errors)
            {
                heard($"{said.Message} ({said.ErrorCode:D})", said.Level != "Note");
            }
        };
        _hearing.AddOrUpdate((MySqlConnection)connection, handler);
        ((MySqlConnection)connection).InfoMessage += handler;
    }

    /// <inheritdoc/>
    public void AddParameter(DbCommand command, string? name, object? value, string? type)
        => ((MySqlCommand)command).Parameters.AddWithValue("@" + name, value is null ? null : MySqlColumns.Parameter(value));

    /// <inheritdoc/>
    public Func<DbDataReader, int, object?>[] CreateReaders(DbDataReader reader)
        => [.. Enumerable.Range(0, reader.FieldCount).Select(i => MySqlValues.ReaderOf(reader.GetDataTypeName(i)))];

    /// <inheritdoc/>
    public ValueTask<BulkTable?> DescribeAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string table,
        CancellationToken cancellationToken)
        => InsertLoader.DescribeAsync(this, connection, transaction, table, cancellationToken, Quote);

    /// <inheritdoc/>
    public ValueTask<IEnumerable<string>> ListTablesAsync(DbConnection connection, CancellationToken cancellationToken)
        => NameQuery.RunAsync(connection, Tables, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask LoadAsync(
        DbConnection connection,
        DbTransaction transaction,
        BulkTable table,
        IReadOnlyList<BulkColumn> columns,
        ImportRows rows,
        int start,
        int end,
        CancellationToken cancellationToken)
    {
        InsertColumn[] targets = [.. columns.Select(static column => new InsertColumn(
            column,
            Quote(column.Name),
            MySqlColumns.Of(column.Type)))];
        if (!Volatile.Read(ref _takesFiles)
            || !await TryLoadAsync(
                (MySqlConnection)connection,
                (MySqlTransaction)transaction,
                table,
                targets,
                rows,
                start,
                end,
                cancellationToken).ConfigureAwait(false))
        {
            Volatile.Write(ref _takesFiles, false);
            await InsertLoader
                .LoadAsync(this, connection, transaction, table.Name, targets, rows, start, end, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public DriverFailure? Explain(Exception exception) => MySqlFailures.Explain(exception);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static bool Says(MySqlConnectionStringBuilder connection, params string[] keywords)
        => Array.Exists(keywords, keyword => connection.ContainsKey(keyword) && connection.ShouldSerialize(keyword));

    private static string Quote(string name) => "`" + name.Replace("`", "``", StringComparison.Ordinal) + "`";

    // A warning of a load means a bad row, and is reported as one.
    private async ValueTask<bool> TryLoadAsync(
        MySqlConnection connection,
        MySqlTransaction transaction,
        BulkTable table,
        InsertColumn[] columns,
        ImportRows rows,
        int start,
        int end,
        CancellationToken cancellationToken)
    {
        _hearing.TryGetValue(connection, out MySqlInfoMessageEventHandler? hearing);
        connection.InfoMessage -= hearing;
        try
        {
            return await MySqlLoader
                .TryLoadAsync(connection, transaction, table, columns, rows, start, end, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            connection.InfoMessage += hearing;
        }
    }
}
