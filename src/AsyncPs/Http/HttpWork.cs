using AsyncPs.Concurrency.Hedging;
using AsyncPs.Http.Requests;

namespace AsyncPs.Http;

/// <summary>What an item has to do: a request and the pages after it, or to say why there is none.</summary>
internal sealed class HttpWork : IAttemptWork
{
    /// <summary>The request, or that for the page an attempt has come to; null if none can be made.</summary>
    public HttpRequest? Request { get; set; }

    /// <summary>Why no request can be made, or null.</summary>
    public HttpCallException? Failure { get; init; }

    /// <summary>How many pages have been read.</summary>
    public int Pages { get; set; }

    /// <inheritdoc/>
    public bool MayRunTwice => Request is { IsIdempotent: true, OutFile: null };

    /// <inheritdoc/>
    public IAttemptWork Copy() => new HttpWork { Request = Request, Failure = Failure, Pages = Pages };

    /// <inheritdoc/>
    public void Adopt(IAttemptWork attempted) => (Request, Pages) = (((HttpWork)attempted).Request, ((HttpWork)attempted).Pages);

    /// <summary>Method and URI, without secrets.</summary>
    public override string ToString() => Request?.ToString() ?? "";
}
