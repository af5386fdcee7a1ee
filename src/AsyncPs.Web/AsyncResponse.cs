namespace AsyncPs.Web;

/// <summary>An answer with all that is said of it. <c>New-AsyncResponse</c> makes it; a block writes it, and nothing else.</summary>
public sealed class AsyncResponse
{
    internal AsyncResponse()
    {
    }

    /// <summary>The status; null: that of the route.</summary>
    public int? Status { get; internal init; }

    /// <summary>The headers, a text or several for each name.</summary>
    public IReadOnlyDictionary<string, string[]> Headers { get; internal init; } = new Dictionary<string, string[]>();

    /// <summary>The body: a text, bytes, a stream, a file, or objects.</summary>
    public object? Body { get; internal init; }

    /// <summary>Whether there is a body, be it null.</summary>
    public bool HasBody { get; internal init; }

    /// <summary>The media type of the body; null: what follows from it.</summary>
    public string? ContentType { get; internal init; }

    /// <summary>The name that a browser saves the body by; null: it is shown.</summary>
    public string? DownloadName { get; internal init; }

    /// <summary>The status and what kind of body it is.</summary>
    public override string ToString() => HasBody ? $"{Status ?? 200} {Body?.GetType().Name ?? "null"}" : $"{Status ?? 204}";
}
