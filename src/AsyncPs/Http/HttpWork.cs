using AsyncPs.Concurrency.Hedging;
using AsyncPs.Http.Requests;

namespace AsyncPs.Http;

/// <summary>The work of an item: a request and the pages after it, or the error if there is no request.</summary>
internal sealed class HttpWork : IAttemptWork
{
    /// <summary>The request for the current page; null if there is none.</summary>
    public HttpRequest? Request { get; set; }

    /// <summary>The error of a request that cannot be made, or null.</summary>
    public HttpCallException? Failure { get; init; }

    /// <summary>How many pages were read.</summary>
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
