using System.Net;

namespace AsyncPs.Http;

/// <summary>
/// The state that several calls of a user share: cookies, and headers for every request (<c>aiohttp.ClientSession</c>).
/// </summary>
public sealed class HttpSession
{
    /// <summary>Creates an empty session.</summary>
    public HttpSession()
        : this(new CookieContainer())
    {
    }

    /// <summary>Creates a session with the cookies of another one, such as a session of <c>Invoke-WebRequest</c>.</summary>
    /// <param name="cookies">The cookies, which are shared, not copied.</param>
    public HttpSession(CookieContainer cookies) => Cookies = cookies;

    /// <summary>The cookies; each is sent only where it belongs. At most 300, and 20 per domain.</summary>
    public CookieContainer Cookies { get; }

    /// <summary>Headers sent with every request, unless the request has its own of the same name.</summary>
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The User-Agent header, or null for the default.</summary>
    public string? UserAgent { get; set; }

    /// <summary>Only the type name, because cookies and headers are secret.</summary>
    public override string ToString() => nameof(HttpSession);
}
