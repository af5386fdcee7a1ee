namespace AsyncPs.Resilience;

/// <summary>Starts a second attempt beside one that takes long. One policy serves a whole call, and any number of items at once.</summary>
internal interface IHedgePolicy
{
    /// <summary>
    /// Makes an attempt, and another one beside it if it has not ended within the delay. The first that succeeds counts, and the other is
    /// canceled; it may still be ending when this returns. An attempt that has failed before is for retries, and gets none beside it.
    /// </summary>
    /// <param name="attempt">Makes an attempt; the token is canceled when the other one has succeeded. What it throws ends
    /// everything.</param>
    /// <param name="cancellationToken">Cancels both.</param>
    /// <returns>How the one that counts ended; when both have failed, one of them.</returns>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    Task<AttemptOutcome> RunAsync(Func<CancellationToken, ValueTask<AttemptOutcome>> attempt, CancellationToken cancellationToken);
}
