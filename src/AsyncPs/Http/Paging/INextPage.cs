using AsyncPs.Concurrency;
using AsyncPs.Http.Requests;

namespace AsyncPs.Http.Paging;

/// <summary>Finds the next page of a response.</summary>
internal interface INextPage
{
    /// <summary>The request for it, or null when this was the last.</summary>
    /// <param name="item">The item whose pages they are.</param>
    /// <param name="request">The request for this page.</param>
    /// <param name="page">What this page became.</param>
    /// <param name="result">This page, without its body unless it is part of what it became.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    ValueTask<HttpRequest?> FindAsync(
        WorkItem item,
        HttpRequest request,
        object? page,
        HttpResult result,
        CancellationToken cancellationToken);
}
