using System.Globalization;
using System.Text;
using AsyncPs.Bench.Growth;

namespace AsyncPs.Bench.Page;

/// <summary>The part of the page that shows how cost grows with size.</summary>
internal static class GrowthSection
{
    /// <summary>Adds the section, if there are measures.</summary>
    public static void Append(StringBuilder page, IReadOnlyList<GrowthRow> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        page.AppendLine().Append("""
            ## How cost grows

            The time and the bytes allocated for one item, job or record at each size; medians of five rounds, or of one where it takes more
            than five seconds. A flat series is the aim. The smallest sizes include the fixed cost of a call. Jobs cost more the more there
            are, because all of them stay in memory until they are received; garbage collection takes about a third of that time.
            To measure it again: `./build.ps1 Bench --growth --write`.

            | What grows | Size | Time | Allocated |
            |---|---|---|---|

            """);
        foreach (GrowthRow row in rows)
        {
            page.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {row.Series} | {row.Size} | {Number(row.Microseconds)} µs per {row.Each} | {Number(row.Bytes)} bytes per {row.Each} |");
        }
    }

    private static string Number(double value)
        => value.ToString(value < 10 ? "0.##" : value < 100 ? "0.#" : "#,0", CultureInfo.InvariantCulture);
}
