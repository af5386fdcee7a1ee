using AsyncPs.Concurrency;
using AsyncPs.Http.Requests;

namespace AsyncPs.Http.Paging;

/// <summary>Follows the links of relation "next".</summary>
internal sealed class RelationLinks : INextPage
{
    /// <inheritdoc/>
    public ValueTask<HttpRequest?> FindAsync(
        WorkItem item,
        HttpRequest request,
        object? page,
        HttpResult result,
        CancellationToken cancellationToken)
        => ValueTask.FromResult(
            result.RelationLink.TryGetValue("next", out Uri? next) && Uris.HasSupportedScheme(next) && next != result.FinalUri
                ? request.For(Uris.WithoutUserInfo(next))
                : null);
}
