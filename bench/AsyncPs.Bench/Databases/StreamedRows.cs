using AsyncPs.Bench.Cases;

namespace AsyncPs.Bench.Databases;

/// <summary>The memory of a process while the rows of a large result stream through it.</summary>
internal static class StreamedRows
{
    /// <summary>The largest working set above the start, in MB.</summary>
    public static double Memory()
    {
        using Session session = DatabaseServer.Shared.NewSession(poolSize: 2);
        string Rows(int count) => $"Invoke-ConcurrentQuery $db 'select i, i::text as t from generate_series(1, {count}) i'";
        session.Time(Rows(10_000));
        return Probes.Memory(session, Rows(1_000_000));
    }
}
