using System.Globalization;
using System.Security;
using System.Text;

namespace AsyncPs.Bench.Page;

/// <summary>Ratios as bars from a line in the middle, on a logarithmic scale: to the right AsyncPs needs less, to the left more.</summary>
internal static class Chart
{
    private const int RowHeight = 20;
    private const int Top = 44;
    private const int Middle = 560;
    private const int Decade = 105;

    public static string Draw(IReadOnlyList<Row> rows)
    {
        int height = Top + (rows.Count * RowHeight) + 16;
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 {height}" font-family="sans-serif" font-size="12">
            <rect width="960" height="{height}" fill="#ffffff"/>

            """);
        foreach (int power in (int[])[-1, 0, 1, 2, 3])
        {
            int x = Middle + (power * Decade);
            string label = power < 0 ? "10 × more" : power == 0 ? "the same" : $"{Math.Pow(10, power):N0} × less";
            svg.Append(CultureInfo.InvariantCulture, $"""
                <line x1="{x}" x2="{x}" y1="{Top - 10}" y2="{height - 10}" stroke="{(power == 0 ? "#57606a" : "#d0d7de")}"/>
                <text x="{x}" y="{Top - 18}" text-anchor="middle" fill="#57606a">{label}</text>

                """);
        }

        for (int i = 0; i < rows.Count; i++)
        {
            double advantage = rows[i].Advantage!.Value;
            double length = Math.Clamp(Math.Log10(advantage), -1.3, 3.6) * Decade;
            int y = Top + (i * RowHeight);
            string label = SecurityElement.Escape(Shortened($"{rows[i].Benchmark}: {rows[i].Other}"));
            string color = advantage >= 1 ? "#1a7f64" : "#bc4c00";
            string width = Math.Max(1, Math.Abs(length)).ToString("F1", CultureInfo.InvariantCulture);
            svg.Append(CultureInfo.InvariantCulture, $"""
                <text x="{Middle - 150}" y="{y + 12}" text-anchor="end" fill="#1f2328">{label}</text>
                <rect x="{Middle + Math.Min(length, 0):F1}" y="{y + 2}" width="{width}" height="13" fill="{color}"/>

                """);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Shortened(string label) => label.Length <= 68 ? label : label[..67] + "…";
}
