namespace AsyncPs.Web;

/// <summary>The record of an answered request: what <c>Start-AsyncServer -PassThru</c> writes.</summary>
public sealed class RequestRecord
{
    internal RequestRecord()
    {
    }

    /// <summary>When it arrived.</summary>
    public DateTime Time { get; init; }

    /// <summary>The method.</summary>
    public string Method { get; init; } = "";

    /// <summary>The path, without the query, which may hold secrets.</summary>
    public string Path { get; init; } = "";

    /// <summary>The route, or null if none matched.</summary>
    public string? Route { get; init; }

    /// <summary>The status of the answer; 499 if the client disconnected first.</summary>
    public int Status { get; init; }

    /// <summary>How long it took until the answer was sent.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The address of the client.</summary>
    public string? RemoteAddress { get; init; }

    /// <summary>The HTTP version.</summary>
    public string Protocol { get; init; } = "";

    /// <summary>The id in the body of an answer of status 500; otherwise null.</summary>
    public string? Id { get; init; }

    /// <summary>The record as a line of a log.</summary>
    public override string ToString()
        => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{Time:yyyy-MM-dd HH:mm:ss} {RemoteAddress ?? "-"} {Method} {Printable(Path)} {Status} {Duration.TotalMilliseconds:0.0} ms");

    // A decoded path may contain line breaks and control sequences of terminals.
    private static string Printable(string path)
        => path.Any(char.IsControl)
            ? string.Concat(path.Select(static c => char.IsControl(c) ? Uri.HexEscape(c <= 0xFF ? c : '?') : c.ToString()))
            : path;
}
