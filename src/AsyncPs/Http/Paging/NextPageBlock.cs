using AsyncPs.Concurrency;
using AsyncPs.Http.Requests;

namespace AsyncPs.Http.Paging;

/// <summary>Finds the next page with a block of the caller.</summary>
internal sealed class NextPageBlock(IItemBlock block) : INextPage
{
    /// <inheritdoc/>
    public async ValueTask<HttpRequest?> FindAsync(
        WorkItem item,
        HttpRequest request,
        object? page,
        HttpResult result,
        CancellationToken cancellationToken)
    {
        try
        {
            object? answer = await block.AskAsync(item, page, [result], cancellationToken).ConfigureAwait(false);
            return NextPageRequest.Make(request, result.FinalUri, answer);
        }
        catch (RuntimeException e)
        {
            throw HttpErrors.HttpNextPageInvalid(request, "has failed: " + e.Message, e);
        }
    }
}
