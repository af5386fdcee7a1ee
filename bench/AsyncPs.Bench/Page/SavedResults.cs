using System.Text.Encodings.Web;
using System.Text.Json;

namespace AsyncPs.Bench.Page;

/// <summary>
/// Results of earlier runs. A run of some benchmarks keeps the results of the others, if machine and versions are the same.
/// </summary>
internal sealed record SavedResults(RunEnvironment RunEnvironment, DateOnly Date, IReadOnlyList<Row> Rows)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Adds results to those of the file, in the given order of benchmarks, and saves them.</summary>
    public static SavedResults Add(string path, IEnumerable<Row> rows, IEnumerable<string> order)
    {
        var here = RunEnvironment.Here();
        Row[] fresh = [.. rows];
        SavedResults? before = File.Exists(path) ? JsonSerializer.Deserialize<SavedResults>(File.ReadAllText(path), Format) : null;
        IEnumerable<Row> kept = before?.RunEnvironment == here
            ? before.Rows.Where(row => fresh.All(other => other.Benchmark != row.Benchmark))
            : [];
        ILookup<string, Row> all = kept.Concat(fresh).ToLookup(static row => row.Benchmark);
        var results = new SavedResults(here, DateOnly.FromDateTime(DateTime.UtcNow), [.. order.SelectMany(name => all[name])]);
        File.WriteAllText(path, JsonSerializer.Serialize(results, Format) + "\n");
        return results;
    }
}
