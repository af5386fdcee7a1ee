using AsyncPs.Concurrency;
using AsyncPs.Http.Requests;

namespace AsyncPs.Http.Paging;

/// <summary>Asks a block of the caller, which runs in the caller's session on the pipeline thread, as it is used to.</summary>
internal sealed class NextPageBlock(ScriptBlock block, RequestBuilder builder) : INextPage
{
    /// <inheritdoc/>
    public async ValueTask<HttpRequest?> FindAsync(WorkItem item, HttpRequest request, object? page, HttpResult result, CancellationToken cancellationToken)
    {
        var question = new PipelineCall(() => builder.Next(request, result.FinalUri, new InputObject(page).Evaluate(block, result)));
        await item.WriteAsync(StreamKind.PipelineCall, question).ConfigureAwait(false);
        try
        {
            return (HttpRequest?)await question.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RuntimeException e)
        {
            throw Errors.HttpNextPageInvalid(request, "has failed: " + e.Message, e);
        }
    }
}
