using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace AsyncPs.Tests.Data.Support;

/// <summary>An ADO.NET provider that shows invalid connection strings, and fails to cancel and to close.</summary>
public sealed class FaultyProvider : DbProviderFactory
{
    public override DbConnection CreateConnection() => new FaultyConnection();
}

/// <summary>A connection that cannot be closed.</summary>
public sealed class FaultyConnection : DbConnection
{
    private ConnectionState _state;

    [AllowNull]
    public override string ConnectionString
    {
        get => "";
        set
        {
            if (value?.Contains("://", StringComparison.Ordinal) == true)
            {
                throw new ArgumentException($"Couldn't set {value}", nameof(value));
            }
        }
    }

    public override string Database => "";

    public override string DataSource => "";

    public override string ServerVersion => "";

    public override ConnectionState State => _state;

    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();

    public override void Close() => throw new FaultyProviderException();

    public override void Open() => _state = ConnectionState.Open;

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => throw new NotSupportedException();

    protected override DbCommand CreateDbCommand() => new FaultyCommand();

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            throw new FaultyProviderException();
        }
    }
}

/// <summary>A command that cannot be canceled.</summary>
public sealed class FaultyCommand : DbCommand
{
    [AllowNull]
    public override string CommandText { get; set; } = "";

    public override int CommandTimeout { get; set; }

    public override CommandType CommandType { get; set; }

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource { get; set; }

    protected override DbConnection? DbConnection { get; set; }

    protected override DbParameterCollection DbParameterCollection => throw new NotSupportedException();

    protected override DbTransaction? DbTransaction { get; set; }

    public override void Cancel() => throw new FaultyProviderException();

    public override int ExecuteNonQuery() => throw new NotSupportedException();

    public override object? ExecuteScalar() => throw new NotSupportedException();

    public override void Prepare() => throw new NotSupportedException();

    protected override DbParameter CreateDbParameter() => throw new NotSupportedException();

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => throw new NotSupportedException();
}

/// <summary>The provider's exception.</summary>
public sealed class FaultyProviderException(string? state = null) : DbException("The provider has failed.")
{
    public override string? SqlState => state;
}
