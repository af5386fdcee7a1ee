using System.Net;

namespace AsyncPs.Http;

/// <summary>
/// What several calls of a user have in common: cookies, and headers sent with every request (<c>aiohttp.ClientSession</c>).
/// </summary>
public sealed class HttpSession
{
    /// <summary>An empty session.</summary>
    public HttpSession()
        : this(new CookieContainer())
    {
    }

    /// <summary>A session with the cookies of another, such as that of <c>Invoke-WebRequest</c>.</summary>
    /// <param name="cookies">The cookies; read and added to, not copied.</param>
    public HttpSession(CookieContainer cookies) => Cookies = cookies;

    /// <summary>The cookies; each is sent only where it belongs. At most 300, and 20 a domain.</summary>
    public CookieContainer Cookies { get; }

    /// <summary>Headers sent with every request, unless the request has its own of the same name.</summary>
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What the requests call themselves, or null for the default.</summary>
    public string? UserAgent { get; set; }

    /// <summary>Only its type: cookies and headers are nobody else's business.</summary>
    public override string ToString() => nameof(HttpSession);
}
