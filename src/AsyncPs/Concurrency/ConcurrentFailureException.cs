using AsyncPs.Resilience;

namespace AsyncPs.Concurrency;

/// <summary>All failures of a call that ended at the first one (Python's <c>ExceptionGroup</c>).</summary>
public sealed class ConcurrentFailureException : AggregateException
{
    internal ConcurrentFailureException(string message, IReadOnlyList<ErrorRecord> errors)
        : base(message, errors.Select(ErrorCauses.CaughtOf)) => ErrorRecords = errors;

    /// <summary>The errors, each with its id, category, position and the item as its target, in the order in which they happened.</summary>
    public IReadOnlyList<ErrorRecord> ErrorRecords { get; }
}
