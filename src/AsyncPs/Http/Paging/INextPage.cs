using AsyncPs.Concurrency;
using AsyncPs.Http.Requests;

namespace AsyncPs.Http.Paging;

/// <summary>Finds the next page of a response.</summary>
internal interface INextPage
{
    /// <summary>Finds the request for the next page; null after the last.</summary>
    /// <param name="item">The item that the pages belong to.</param>
    /// <param name="request">The request for this page.</param>
    /// <param name="page">The output of this page.</param>
    /// <param name="result">The result of this page, without its body unless the body is part of the output.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    ValueTask<HttpRequest?> FindAsync(
        WorkItem item,
        HttpRequest request,
        object? page,
        HttpResult result,
        CancellationToken cancellationToken);
}
