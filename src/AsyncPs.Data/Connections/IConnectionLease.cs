using System.Data.Common;

namespace AsyncPs.Data.Connections;

/// <summary>A connection in use, until it is disposed.</summary>
internal interface IConnectionLease : IAsyncDisposable
{
    /// <summary>The connection.</summary>
    DbConnection Connection { get; }

    /// <summary>The transaction that everything on it belongs to, or null.</summary>
    DbTransaction? Transaction { get; }

    /// <summary>The server's messages on the connection.</summary>
    ServerMessages Messages { get; }

    /// <summary>Whether the connection can be used again.</summary>
    bool IsHealthy { get; set; }

    /// <summary>Waits until a written row has room on its way to the reader.</summary>
    ValueTask AwaitReaderAsync(ValueTask written);
}
