namespace AsyncPs.Messaging.Publishing;

/// <summary>Whoever answers a request waits for one confirm.</summary>
internal sealed class AnswerWriter : IMessageOwner
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done once the broker has the answer.</summary>
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
        // It is none to which one would come.
    }
}
