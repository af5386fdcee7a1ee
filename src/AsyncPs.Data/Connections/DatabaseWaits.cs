using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Data.Connections;

/// <summary>What items wait for in a database, noted for inspection.</summary>
internal static class DatabaseWaits
{
    /// <summary>The answer of the database.</summary>
    public static readonly WaitNote Answer = new(WaitKind.Query);
}
