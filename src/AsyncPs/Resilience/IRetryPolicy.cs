namespace AsyncPs.Resilience;

/// <summary>Tries again what has failed. One policy serves a whole call, and any number of items at once.</summary>
internal interface IRetryPolicy
{
    /// <summary>
    /// Waits and tries again until an attempt succeeds, one fails for good, or there have been enough. The first attempt is
    /// made before and elsewhere, so that what never fails pays nothing.
    /// </summary>
    /// <param name="first">How the first attempt failed.</param>
    /// <param name="again">Makes a further attempt, given its number: 2 is the first retry. What it throws ends everything.</param>
    /// <param name="told">Told before each delay, or null. What it throws ends everything.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How the last attempt ended.</returns>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    Task<AttemptOutcome> RunAsync(
        AttemptOutcome first,
        Func<int, CancellationToken, Task<AttemptOutcome>> again,
        Func<RetryNotice, ValueTask>? told,
        CancellationToken cancellationToken);
}
