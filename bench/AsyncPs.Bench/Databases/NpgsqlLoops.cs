using System.Diagnostics;
using Npgsql;

namespace AsyncPs.Bench.Databases;

/// <summary>The possible in C#: one loop per query in flight, which runs the same query and keeps the values.</summary>
internal static class NpgsqlLoops
{
    /// <summary>The time in microseconds per look-up.</summary>
    public static double LookUp(int count, int inFlight)
    {
        long start = Stopwatch.GetTimestamp();
        object?[] results = new object?[count];
        int next = -1;
        Task.WaitAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(async () =>
        {
            await using NpgsqlConnection connection = await DatabaseServer.Shared.Source.OpenConnectionAsync();
            for (int i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                await using var command = new NpgsqlCommand(
                    "select abalance from pgbench_accounts where aid = $1",
                    connection) { Parameters = { new() { Value = i + 1 } } };
                await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                {
                    results[i] = reader.GetValue(0);
                }
            }
        })).ToArray());
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / count;
    }
}
