namespace AsyncPs.Resilience;

/// <summary>Retries failed attempts. One policy serves a whole call with any number of concurrent items.</summary>
internal interface IRetryPolicy
{
    /// <summary>
    /// Waits and retries until an attempt succeeds, one fails for good, or the limit is reached. The first attempt is made elsewhere, so
    /// that work that never fails has no extra cost.
    /// </summary>
    /// <param name="first">The outcome of the first attempt.</param>
    /// <param name="again">Makes a further attempt, given its number: 2 is the first retry. Its exceptions end everything.</param>
    /// <param name="told">Called before each delay, or null. Its exceptions end everything.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The outcome of the last attempt.</returns>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    Task<AttemptOutcome> RunAsync(
        AttemptOutcome first,
        Func<int, CancellationToken, Task<AttemptOutcome>> again,
        Func<RetryNotice, ValueTask>? told,
        CancellationToken cancellationToken);
}
