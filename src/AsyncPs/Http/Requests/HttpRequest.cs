using System.Net;

namespace AsyncPs.Http.Requests;

/// <summary>A checked request, which can be sent any number of times.</summary>
internal sealed record HttpRequest(Uri Uri, HttpMethod Method, IReadOnlyList<Header> Headers)
{
    /// <summary>The body, or null.</summary>
    public RequestBody? Body { get; init; }

    /// <summary>The file for the response, or null.</summary>
    public string? OutFile { get; init; }

    /// <summary>Whether it is safe to repeat (RFC 9110, 9.2.2).</summary>
    public bool IsIdempotent => Method == HttpMethod.Get || Method == HttpMethod.Head || Method == HttpMethod.Put
        || Method == HttpMethod.Delete || Method == HttpMethod.Options || Method == HttpMethod.Trace;

    /// <summary>The same request for another URI, without the headers and credentials that are only for this origin.</summary>
    public HttpRequest For(Uri uri) => this with
    {
        Uri = uri,
        Headers = Uris.IsSameOrigin(Uri, uri) ? Headers : [.. Headers.Where(h => h.MayTravel)],
    };

    /// <summary>The request that follows a redirect.</summary>
    /// <param name="status">The status of the response.</param>
    /// <param name="location">The target of the redirect.</param>
    /// <param name="keepMethod">Whether the method is kept where the status allows a change.</param>
    public HttpRequest Redirect(HttpStatusCode status, Uri location, bool keepMethod)
    {
        HttpRequest next = For(location);
        bool becomesGet = !keepMethod && status switch
        {
            HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.MultipleChoices => Method == HttpMethod.Post,
            HttpStatusCode.SeeOther => Method != HttpMethod.Get && Method != HttpMethod.Head,
            _ => false,
        };
        return becomesGet
            ? next with
            {
                Method = HttpMethod.Get,
                Body = null,
                Headers = [.. next.Headers.Where(h => !h.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))],
            }
            : next;
    }

    /// <summary>Method and URI, without secrets.</summary>
    public override string ToString() => $"{Method} {Uris.Show(Uri)}";
}
