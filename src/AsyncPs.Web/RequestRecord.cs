namespace AsyncPs.Web;

/// <summary>What became of a request: what <c>Start-AsyncServer -PassThru</c> writes.</summary>
public sealed class RequestRecord
{
    internal RequestRecord()
    {
    }

    /// <summary>When it came.</summary>
    public DateTime Time { get; init; }

    /// <summary>The method.</summary>
    public string Method { get; init; } = "";

    /// <summary>The path, without the query, which may hold secrets.</summary>
    public string Path { get; init; } = "";

    /// <summary>The route, or null if none was meant.</summary>
    public string? Route { get; init; }

    /// <summary>The status of the answer; 499 if the client left before.</summary>
    public int Status { get; init; }

    /// <summary>How long it took until the answer was sent.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The address of the client.</summary>
    public string? RemoteAddress { get; init; }

    /// <summary>The version of HTTP.</summary>
    public string Protocol { get; init; } = "";

    /// <summary>The id that an answer of status 500 has in its body; null for others.</summary>
    public string? Id { get; init; }

    /// <summary>As a line of a log.</summary>
    public override string ToString()
        => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{Time:yyyy-MM-dd HH:mm:ss} {RemoteAddress ?? "-"} {Method} {Printable(Path)} {Status} {Duration.TotalMilliseconds:0.0} ms");

    // A decoded path may hold line breaks and the control sequences of terminals.
    private static string Printable(string path)
        => path.Any(char.IsControl)
            ? string.Concat(path.Select(static c => char.IsControl(c) ? Uri.HexEscape(c <= 0xFF ? c : '?') : c.ToString()))
            : path;
}
