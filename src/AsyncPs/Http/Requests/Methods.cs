namespace AsyncPs.Http.Requests;

/// <summary>HTTP methods by name.</summary>
internal static class Methods
{
    private static readonly Dictionary<string, HttpMethod> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Default"] = HttpMethod.Get,
        ["GET"] = HttpMethod.Get,
        ["HEAD"] = HttpMethod.Head,
        ["POST"] = HttpMethod.Post,
        ["PUT"] = HttpMethod.Put,
        ["DELETE"] = HttpMethod.Delete,
        ["PATCH"] = HttpMethod.Patch,
        ["OPTIONS"] = HttpMethod.Options,
        ["TRACE"] = HttpMethod.Trace,
    };

    /// <summary>The method of a name, in any letter case.</summary>
    /// <exception cref="FormatException">A method can't have this name.</exception>
    public static HttpMethod Parse(string name)
        => Known.TryGetValue(name, out HttpMethod? known) ? known : new HttpMethod(name.ToUpperInvariant());
}
