namespace AsyncPs.Http.Responses;

/// <summary>The time a step of a request may take, and what else ends it.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _outer;

    /// <summary>Makes one that does not run yet.</summary>
    /// <param name="outer">Ends the step for other reasons: the item's time is over, or the call is stopped.</param>
    public Deadline(CancellationToken outer)
    {
        _outer = outer;
        _source = CancellationTokenSource.CreateLinkedTokenSource(outer);
    }

    /// <summary>Ends the step.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether time is over, and nothing else has ended the step.</summary>
    public bool HasPassed => _source.IsCancellationRequested && !_outer.IsCancellationRequested;

    /// <summary>Begins the next step.</summary>
    /// <param name="timeout">How long it may take, or null for ever.</param>
    public void Restart(TimeSpan? timeout) => _source.CancelAfter(timeout ?? Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}
