namespace AsyncPs.Concurrency;

/// <summary>
/// Something that must be done on the pipeline thread while an item waits for its answer: what belongs to the caller's session can be asked
/// nowhere else.
/// </summary>
internal sealed class PipelineCall(Func<object?> question)
{
    private readonly TaskCompletionSource<object?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The answer, once there is one.</summary>
    public Task<object?> Answer => _answer.Task;

    /// <summary>Finds the answer. Pipeline thread only.</summary>
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
