using System.Data.Common;

namespace AsyncPs.Data.Connections;

/// <summary>A connection that somebody uses for a while, until it is disposed.</summary>
internal interface IConnectionLease : IAsyncDisposable
{
    /// <summary>The connection.</summary>
    DbConnection Connection { get; }

    /// <summary>The transaction that everything on it belongs to, or null.</summary>
    DbTransaction? Transaction { get; }

    /// <summary>What the server says on the connection.</summary>
    ServerMessages Messages { get; }

    /// <summary>Whether the connection can be used again.</summary>
    bool IsHealthy { get; set; }

    /// <summary>Waits until a row has found room on its way to its reader.</summary>
    ValueTask AwaitReaderAsync(ValueTask written);
}
