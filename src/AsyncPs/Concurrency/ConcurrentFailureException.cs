using AsyncPs.Resilience;

namespace AsyncPs.Concurrency;

/// <summary>All failures of a call that ended at the first one (Python's <c>ExceptionGroup</c>).</summary>
public sealed class ConcurrentFailureException : AggregateException
{
    internal ConcurrentFailureException(string message, IReadOnlyList<ErrorRecord> errors)
        : base(message, errors.Select(ErrorCauses.CaughtOf)) => ErrorRecords = errors;

    /// <summary>The errors in order of occurrence, each with its id, category and position, and the item as its target.</summary>
    public IReadOnlyList<ErrorRecord> ErrorRecords { get; }
}
