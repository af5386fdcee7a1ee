using AsyncPs.Bench.Cases;

namespace AsyncPs.Bench.Databases;

/// <summary>
/// A PostgreSQL under many small queries and under a bulk load, and the memory that streamed rows need. Where none is installed there are
/// no such cases.
/// </summary>
internal static class DatabaseCases
{
    private const int LookUps = 10_000;
    private const int InFlight = 16;

    // They take a few tenths of a second.
    private const int ParallelLookUps = 400;

    public static IEnumerable<Benchmark> All()
    {
        if (DatabaseServer.Missing is not null)
        {
            yield break;
        }

        var session = new Lazy<Session>(static () => DatabaseServer.Shared.NewSession(InFlight));
        yield return new Benchmark(
            $"PostgreSQL: {LookUps:N0} look-ups by primary key, {InFlight} in flight",
            "µs",
            new Contestant("Invoke-ConcurrentQuery", () => session.Value.Time(
                $"1..{LookUps} | Invoke-ConcurrentQuery $db 'select abalance from pgbench_accounts where aid = @aid' -ThrottleLimit "
                    + $"{InFlight}") * 1000 / LookUps),
            [
                DatabasePeers.Asyncpg(LookUps, InFlight, bar: 1 / 3.0),
                DatabasePeers.Parallel(session, ParallelLookUps, InFlight, bar: 1 / 20.0),
                DatabasePeers.PgBench("pgbench -S", [], LookUps, InFlight, bar: 1 / 0.5),
                DatabasePeers.PgBench("pgbench -S -M prepared", ["-M", "prepared"], LookUps, InFlight, bar: null),
                new Contestant("Npgsql, in C#", static () => NpgsqlLoops.LookUp(LookUps, InFlight)),
            ],
            Bar: 1 / 3.0);

        var rows = new Lazy<BulkRows>(static () => new BulkRows());
        yield return new Benchmark(
            $"PostgreSQL: bulk load of {BulkRows.Count:N0} rows",
            "s",
            new Contestant("Import-ConcurrentData", () => rows.Value.Import(session.Value)),
            [
                DatabasePeers.Copy(rows, bar: 1 / 0.5),
                new Contestant("COPY by Npgsql, in C#", () => rows.Value.Copy()),
            ],
            Bar: 1 / 0.5,
            MaxRounds: 5);

        // The other side is the bound.
        yield return new Benchmark(
            "working set above the start while 1,000,000 rows stream through",
            "MB",
            new Contestant("Invoke-ConcurrentQuery", static () => SelfProcess.Probe(Probes.RowsMemory)),
            [new Contestant("allowed", static () => 64)],
            Bar: 1.0,
            MaxRounds: 1);
    }
}
