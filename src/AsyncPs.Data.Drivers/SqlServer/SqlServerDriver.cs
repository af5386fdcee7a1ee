using System.Data;
using System.Data.Common;
using System.Security;
using AsyncPs.Data.Loading;
using Microsoft.Data.SqlClient;

namespace AsyncPs.Data.Drivers.SqlServer;

/// <summary>SQL Server and Azure SQL. Nothing blocks, and a cancellation also cancels on the server.</summary>
internal sealed class SqlServerDriver : IDatabaseDriver
{
    private const int DefaultPoolSize = 16;

    // The module's pool limits the connections. Those whose rows wait for their reader are added to its limit.
    private const int Overflow = 8;

    private const string Tables =
        "select quotename(s.name) + '.' + quotename(t.name) from sys.tables t join sys.schemas s on s.schema_id = t.schema_id";

    private static readonly bool? IsManaged = ManagedNetworking.Use();

    private readonly string _connectionString;
    private readonly SqlCredential? _credential;

    /// <summary>Prepares to connect.</summary>
    /// <exception cref="ArgumentException">The connection string is not valid.</exception>
    public SqlServerDriver(ServerSettings settings)
    {
        _ = IsManaged;
        var connection = new SqlConnectionStringBuilder(settings.ConnectionString);
        PoolSize = settings.PoolSize ?? (connection.ShouldSerialize("Max Pool Size") ? connection.MaxPoolSize : DefaultPoolSize);
        connection.MaxPoolSize = PoolSize * Overflow;
        connection.CommandTimeout = connection.ShouldSerialize("Command Timeout") ? connection.CommandTimeout : 0;
        connection.ApplicationName = connection.ShouldSerialize("Application Name") ? connection.ApplicationName : "AsyncPs";
        if (settings.UserName is not null)
        {
            connection.Remove("User ID");
            connection.Remove("Password");
            connection.Remove("Integrated Security");
            _credential = new SqlCredential(settings.UserName, Secure(settings.Password ?? ""));
        }

        Name = $"{connection.DataSource}/{connection.InitialCatalog}";
        _connectionString = connection.ConnectionString;
    }

    /// <inheritdoc/>
    public DatabaseKind Kind => DatabaseKind.SqlServer;

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int PoolSize { get; }

    /// <summary>The completed connection string.</summary>
    internal SqlConnectionStringBuilder Settings => new(_connectionString);

    /// <inheritdoc/>
    public async ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new SqlConnection(_connectionString, _credential);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Hear(DbConnection connection, Action<string, bool> heard)
        => ((SqlConnection)connection).InfoMessage += (_, e) =>
        {
            foreach (SqlError said in e.Errors)
            {
                heard(said.Message, false);
            }
        };

    /// <inheritdoc/>
    public void AddParameter(DbCommand command, string? name, object? value, string? type)
    {
        object bare = value is null ? DBNull.Value : SqlServerColumns.Parameter(value);
        SqlParameter parameter = ((SqlCommand)command).Parameters.AddWithValue("@" + name, bare);
        if (bare is DateTime)
        {
            // The default type supports neither all years nor all fractions of a second.
            parameter.SqlDbType = SqlDbType.DateTime2;
        }
    }

    /// <inheritdoc/>
    public ValueTask<BulkTable?> DescribeAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string table,
        CancellationToken cancellationToken)
        => InsertLoader.DescribeAsync(this, connection, transaction, table, cancellationToken, static name => $"[{name}]");

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
        => SqlServerLoader.LoadAsync(
            (SqlConnection)connection,
            (SqlTransaction)transaction,
            table,
            [.. columns.Select(Target)],
            rows,
            start,
            end,
            cancellationToken);

    /// <inheritdoc/>
    public DriverFailure? Explain(Exception exception) => SqlServerFailures.Explain(exception);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        using var connection = new SqlConnection(_connectionString, _credential);
        SqlConnection.ClearPool(connection);
        return default;
    }

    private static InsertColumn Target(BulkColumn column)
        => new(column, "[" + column.Name.Replace("]", "]]", StringComparison.Ordinal) + "]", SqlServerColumns.Of(column.Type));

    private static SecureString Secure(string password)
    {
        var secure = new SecureString();
        foreach (char c in password)
        {
            secure.AppendChar(c);
        }

        secure.MakeReadOnly();
        return secure;
    }
}
