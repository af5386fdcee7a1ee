using System.Buffers;

namespace AsyncPs.Http.Requests;

/// <summary>Functions for the URIs of requests.</summary>
internal static class Uris
{
    private static readonly SearchValues<char> Unescaped = SearchValues.Create([.. Enumerable
        .Range(0, ' ' + 1)
        .Select(static c => (char)c), '\x7F']);

    /// <summary>Whether a request can be sent to the URI.</summary>
    public static bool HasSupportedScheme(Uri uri) => uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps;

    /// <summary>
    /// Whether it has spaces or control characters, which would break the request line. Only a URI without canonicalization can have them.
    /// </summary>
    public static bool HasUnescaped(Uri uri) => uri.PathAndQuery.AsSpan().ContainsAny(Unescaped);

    /// <summary>Whether credentials for one URI may be sent to the other: scheme, host and port are equal, or only TLS is added.</summary>
    public static bool IsSameOrigin(Uri from, Uri to)
        => string.Equals(from.IdnHost, to.IdnHost, StringComparison.OrdinalIgnoreCase)
            && ((from.Scheme == to.Scheme && from.Port == to.Port)
                || (from.Scheme == Uri.UriSchemeHttp && to.Scheme == Uri.UriSchemeHttps && from.IsDefaultPort && to.IsDefaultPort));

    /// <summary>Whether going from one to the other would lose encryption.</summary>
    public static bool LosesEncryption(Uri from, Uri to) => from.Scheme == Uri.UriSchemeHttps && to.Scheme != Uri.UriSchemeHttps;

    /// <summary>The URI without user name and password.</summary>
    public static Uri WithoutUserInfo(Uri uri)
        => uri.UserInfo.Length == 0 ? uri : new UriBuilder(uri) { UserName = "", Password = "" }.Uri;

    /// <summary>
    /// The URI as it may be shown: without user info, and without the values of the query, which may contain keys and signatures.
    /// </summary>
    public static string Show(Uri uri)
    {
        if (!uri.IsAbsoluteUri || !HasSupportedScheme(uri))
        {
            // In a URI that is not http, it is unknown where a password stands.
            return Show(uri.OriginalString);
        }

        string shown = uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        return uri.Query.Length > 1 ? shown + "?..." : shown;
    }

    /// <summary>Text that is not a URI, as it may be shown: without what could be a password.</summary>
    public static string Show(string text)
    {
        const int Enough = 200;
        int at = text.LastIndexOf('@');
        int start = text.IndexOf("//", StringComparison.Ordinal);
        string shown = at >= 0 ? string.Concat(start >= 0 && start < at ? text.AsSpan(0, start + 2) : "", "...", text.AsSpan(at)) : text;
        int query = shown.IndexOf('?', StringComparison.Ordinal);
        shown = query >= 0 ? shown[..query] + "?..." : shown;
        return shown.Length > Enough ? shown[..Enough] + "..." : shown;
    }
}
