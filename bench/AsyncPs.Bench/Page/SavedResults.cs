using System.Text.Encodings.Web;
using System.Text.Json;
using AsyncPs.Bench.Growth;

namespace AsyncPs.Bench.Page;

/// <summary>
/// Results of earlier runs. A run of some benchmarks keeps the results of the others, if machine and versions are the same.
/// </summary>
internal sealed record SavedResults(RunEnvironment RunEnvironment, DateOnly Date, IReadOnlyList<Row> Rows)
{
    /// <summary>How cost grows with size.</summary>
    public IReadOnlyList<GrowthRow> Growth { get; init; } = [];

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Adds results to those of the file, in the given order of benchmarks, and saves them.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">New results.</param>
    /// <param name="order">All benchmarks, in the order in which they are shown.</param>
    /// <param name="growth">New results of series.</param>
    /// <param name="series">All series, in the order in which they are shown.</param>
    public static SavedResults Add(
        string path, IEnumerable<Row> rows, IEnumerable<string> order, IEnumerable<GrowthRow> growth, IEnumerable<string> series)
    {
        var here = RunEnvironment.Here();
        Row[] fresh = [.. rows];
        GrowthRow[] grown = [.. growth];
        SavedResults? before = File.Exists(path) ? JsonSerializer.Deserialize<SavedResults>(File.ReadAllText(path), Format) : null;
        bool isSame = before?.RunEnvironment == here;
        IEnumerable<Row> kept = isSame ? before!.Rows.Where(row => fresh.All(other => other.Benchmark != row.Benchmark)) : [];
        IEnumerable<GrowthRow> keptSeries = isSame ? before!.Growth.Where(row => grown.All(other => other.Series != row.Series)) : [];
        ILookup<string, Row> all = kept.Concat(fresh).ToLookup(static row => row.Benchmark);
        ILookup<string, GrowthRow> allSeries = keptSeries.Concat(grown).ToLookup(static row => row.Series);
        var results = new SavedResults(here, DateOnly.FromDateTime(DateTime.UtcNow), [.. order.SelectMany(name => all[name])])
        {
            Growth = [.. series.SelectMany(name => allSeries[name])],
        };
        File.WriteAllText(path, JsonSerializer.Serialize(results, Format) + "\n");
        return results;
    }
}
