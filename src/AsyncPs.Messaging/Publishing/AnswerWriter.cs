namespace AsyncPs.Messaging.Publishing;

/// <summary>The owner of an answer, which waits for its confirmation.</summary>
internal sealed class AnswerWriter : IMessageOwner
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the broker has the answer.</summary>
    public Task Task => _ended.Task;

    /// <inheritdoc/>
    public void Ended(QueuedMessage message, ErrorRecord? error)
    {
        if (error is null)
        {
            _ended.TrySetResult();
        }
        else
        {
            _ended.TrySetException(error.Exception);
        }
    }

    /// <inheritdoc/>
    public void AnswerLost(QueuedMessage message)
    {
        // An answer gets no answer itself.
    }
}
