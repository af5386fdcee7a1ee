namespace AsyncPs.Resilience;

/// <summary>Starts a second attempt beside a slow one. One policy serves a whole call with any number of concurrent items.</summary>
internal interface IHedgePolicy
{
    /// <summary>
    /// Makes an attempt, and a second one beside it if the first has not ended within the delay. The first to succeed counts, and the other
    /// is canceled; it may still be ending when this returns. An attempt that fails before the delay is left to retries.
    /// </summary>
    /// <param name="attempt">Makes an attempt; the token is canceled when the other has succeeded. Its exceptions end
    /// everything.</param>
    /// <param name="cancellationToken">Cancels both.</param>
    /// <returns>The outcome of the attempt that counts; if both have failed, of one of them.</returns>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    Task<AttemptOutcome> RunAsync(Func<CancellationToken, ValueTask<AttemptOutcome>> attempt, CancellationToken cancellationToken);
}
