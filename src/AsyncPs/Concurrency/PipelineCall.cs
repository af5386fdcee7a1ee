namespace AsyncPs.Concurrency;

/// <summary>
/// A call that must run on the pipeline thread while an item waits for its result, because only that thread may use the caller's session.
/// </summary>
internal sealed class PipelineCall(Func<object?> question)
{
    private readonly TaskCompletionSource<object?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The result.</summary>
    public Task<object?> Answer => _answer.Task;

    /// <summary>Runs the call. Pipeline thread only.</summary>
    public void Run()
    {
        try
        {
            _answer.SetResult(question());
        }
        catch (PipelineStoppedException)
        {
            _answer.TrySetCanceled();
            throw;
        }
        catch (Exception e)
        {
            _answer.TrySetException(e);
        }
    }
}
