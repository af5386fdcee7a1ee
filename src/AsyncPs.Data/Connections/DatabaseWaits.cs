using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Data.Connections;

/// <summary>What items wait for at a database, noted for whoever looks.</summary>
internal static class DatabaseWaits
{
    /// <summary>The database works.</summary>
    public static readonly WaitNote Answer = new(WaitKind.Query);
}
