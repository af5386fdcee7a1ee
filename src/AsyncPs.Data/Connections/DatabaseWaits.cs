using AsyncPs.Concurrency.Waits;
using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Connections;

/// <summary>What items wait for in a database, noted for inspection.</summary>
internal static class DatabaseWaits
{
    /// <summary>The answer of the database.</summary>
    public static readonly WaitNote Answer = new(WaitKind.Query);

    /// <summary>The answer of the database on a connection of a pool, which is held meanwhile.</summary>
    public static WaitNote AnswerOn(ConnectionPool? pool) => pool is null ? Answer : new WaitNote(WaitKind.Query, pool);

    /// <summary>All connections of a pool are in use, or all threads of a driver that blocks them.</summary>
    public static WaitNote Connection(ConnectionPool? pool, IDatabaseDriver driver)
        => new(WaitKind.Connection, pool, $"{driver.Name} (all {driver.PoolSize} in use)");

    /// <summary>A connection is being opened.</summary>
    public static WaitNote Opening(string name) => WaitNote.Begin(WaitKind.Connection, text: $"{name}, which is being opened");
}
