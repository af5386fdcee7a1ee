namespace AsyncPs.Http.Requests;

/// <summary>A header of a request.</summary>
internal readonly record struct Header(string Name, string Value)
{
    // What no credential is ever in. Everything else a user sends is for the host it was meant for.
    private static readonly HashSet<string> Harmless = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept", "Accept-Charset", "Accept-Language", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type",
        "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Pragma", "Range", "User-Agent",
    };

    /// <summary>Whether the header may go to a host that the user did not name.</summary>
    public bool MayTravel => Harmless.Contains(Name);

    /// <summary>The name only: the value may be a secret.</summary>
    public override string ToString() => Name;
}
