namespace AsyncPs.Web;

/// <summary>A complete answer. <c>New-AsyncResponse</c> creates it, and a block writes it and nothing else.</summary>
public sealed class AsyncResponse
{
    internal AsyncResponse()
    {
    }

    /// <summary>The status; null for that of the route.</summary>
    public int? Status { get; internal init; }

    /// <summary>The headers, with one or several values each.</summary>
    public IReadOnlyDictionary<string, string[]> Headers { get; internal init; } = new Dictionary<string, string[]>();

    /// <summary>The body: a string, bytes, a stream, a file, or objects.</summary>
    public object? Body { get; internal init; }

    /// <summary>Whether there is a body, even a null one.</summary>
    public bool HasBody { get; internal init; }

    /// <summary>The media type of the body; null for the default of its kind.</summary>
    public string? ContentType { get; internal init; }

    /// <summary>The file name for browsers to save the body; null to show it.</summary>
    public string? DownloadName { get; internal init; }

    /// <summary>The status and the type of the body.</summary>
    public override string ToString() => HasBody ? $"{Status ?? 200} {Body?.GetType().Name ?? "null"}" : $"{Status ?? 204}";
}
