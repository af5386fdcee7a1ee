using System.Data;
using System.Data.Common;
using AsyncPs.Data.Loading;

namespace AsyncPs.Data.Drivers;

/// <summary>
/// Any ADO.NET provider that the user has loaded. Its calls may block, so they are made on threads of the driver.
/// </summary>
/// <param name="source">The source of its connections.</param>
/// <param name="name">Its name.</param>
/// <param name="poolSize">The number of connections, and of threads.</param>
/// <param name="ownsSource">Whether the source is disposed with the database: its creator disposes it.</param>
internal sealed class AdoDriver(DbDataSource source, string name, int poolSize, bool ownsSource) : IDatabaseDriver
{
    private readonly BlockingThreads _threads = new("AsyncPs data", poolSize);

    /// <inheritdoc/>
    public DatabaseKind Kind => DatabaseKind.Other;

    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public int PoolSize { get; } = poolSize;

    /// <inheritdoc/>
    public TaskScheduler? Threads => _threads;

    /// <inheritdoc/>
    public ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken) => source.OpenConnectionAsync(cancellationToken);

    /// <inheritdoc/>
    public bool IsReusable(DbConnection connection, bool failed) => !failed && connection.State == ConnectionState.Open;

    /// <inheritdoc/>
    public void Cancel(DbCommand command)
    {
        try
        {
            command.Cancel();
        }
        catch (Exception e) when (Explain(e) is not null)
        {
            // It would otherwise come out of the token's cancellation. The command then runs to its end.
        }
    }

    /// <inheritdoc/>
    public void AddParameter(DbCommand command, string? name, object? value, string? type)
    {
        DbParameter parameter = command.CreateParameter();
        parameter.ParameterName = "@" + name;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }

    /// <inheritdoc/>
    public ValueTask<BulkTable?> DescribeAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string table,
        CancellationToken cancellationToken)
        => InsertLoader.DescribeAsync(this, connection, transaction, table, cancellationToken);

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
            [.. columns.Select(static column => new InsertColumn(column, column.Name, static value => value))],
            rows,
            start,
            end,
            cancellationToken);

    /// <inheritdoc/>
    public DriverFailure? Explain(Exception exception) => exception switch
    {
        DbException failure
            => new DriverFailure(
                failure.Message,
                failure.SqlState,
                failure.IsTransient,
                IsConnection: false,
                IsOfAll: IsOfAll(failure.SqlState)),
        InvalidOperationException or InvalidCastException or NotSupportedException or ArgumentException
            => new DriverFailure(exception.Message, null, false, false),
        _ => null,
    };

    // An invalid state of the transaction; a missing permission, table or column, a target that takes no rows, a wrong statement. Other
    // errors of class 42 may be about one value.
    private static bool IsOfAll(string? state)
        => state is "42501" or "42P01" or "42703" or "42809" or "42601" or "42S02" or "42S22"
            || state?.StartsWith("25", StringComparison.Ordinal) == true;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ownsSource ? source.DisposeAsync() : default;
}
