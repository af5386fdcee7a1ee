using AsyncPs.Resilience;

namespace AsyncPs.Concurrency.Waits;

/// <summary>Thrown for a wait that could never end, because what would end it waits for the caller.</summary>
/// <param name="message">What waits for what, and what to do about it.</param>
/// <param name="errorId">The id of the error.</param>
/// <param name="target">The object that was to be waited for.</param>
public sealed class DeadlockException(
    string message,
    string errorId,
    object? target) : InvalidOperationException(message), IContainsErrorRecord, IRetryHint
{
    private ErrorRecord? _record;

    /// <inheritdoc/>
    public ErrorRecord ErrorRecord => _record ??= new ErrorRecord(this, errorId, ErrorCategory.DeadlockDetected, target);

    bool IRetryHint.IsTransient => false;

    bool IRetryHint.MayRepeat => false;

    TimeSpan? IRetryHint.RetryAfter => null;
}
