using System.Data.Common;

namespace AsyncPs.Tests.Data.Support;

/// <summary>A data source that cannot connect, and records whether it was disposed.</summary>
public sealed class WatchedSource : DbDataSource
{
    public bool IsDisposed { get; private set; }

    public override string ConnectionString => "";

    protected override DbConnection CreateDbConnection() => throw new FaultyProviderException();

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        base.Dispose(disposing);
    }

    protected override ValueTask DisposeAsyncCore()
    {
        IsDisposed = true;
        return base.DisposeAsyncCore();
    }
}
