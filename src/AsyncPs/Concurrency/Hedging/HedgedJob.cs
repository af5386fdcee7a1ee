using AsyncPs.Resilience;

namespace AsyncPs.Concurrency.Hedging;

/// <summary>
/// Runs each item by hedged attempts; the first to succeed counts. Each of the call's own attempts, retries included, is such a group.
/// </summary>
internal sealed class HedgedJob : IAsyncJob
{
    private readonly HedgedCall _attempts;

    /// <summary>Makes the job of a call.</summary>
    /// <param name="attempts">Makes the attempts. The job disposes it.</param>
    /// <param name="call">The call.</param>
    public HedgedJob(HedgedCall attempts, ConcurrentCall call)
    {
        _attempts = attempts;
        attempts.Failed = call.Fail;
    }

    /// <inheritdoc/>
    public async ValueTask RunAttemptAsync(WorkItem item, CancellationToken cancellationToken)
    {
        HedgedAttempt attempt = await _attempts.RunAsync(item, item.Input, item.Work, cancellationToken).ConfigureAwait(false);
        if (item.Work is IAttemptWork work)
        {
            work.Adopt((IAttemptWork)attempt.Work!);
        }

        foreach (StreamRecord record in attempt.Records.Where(record => !ReferenceEquals(record.Data, attempt.EndedBy)))
        {
            await item.WriteAsync(record.Kind, record.Data).ConfigureAwait(false);
        }

        if (attempt.EndedBy is { } error)
        {
            throw ErrorCauses.ExceptionOf(error);
        }
    }

    /// <inheritdoc/>
    public string? Describe(WorkItem item) => item.Work?.ToString();

    /// <inheritdoc/>
    public void Dispose() => _attempts.Dispose();
}
