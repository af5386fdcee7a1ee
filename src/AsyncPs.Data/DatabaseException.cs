using AsyncPs.Resilience;

namespace AsyncPs.Data;

/// <summary>A query, a load or a connection that failed. Its text holds no secrets.</summary>
public sealed class DatabaseException : Exception, IContainsErrorRecord, IRetryHint
{
    private readonly string _id;
    private readonly ErrorCategory _category;

    internal DatabaseException(string id, ErrorCategory category, string message, Exception? inner = null)
        : base(message, inner)
    {
        _id = id;
        _category = category;
    }

    /// <summary>
    /// The database's code of the failure: a SQLSTATE such as `23505`, or a number of SQLite, MySQL or SQL Server such as `5`; null if
    /// there is none.
    /// </summary>
    public string? Code { get; internal init; }

    /// <summary>
    /// Whether the same may succeed later: after failed connections, serialization failures and deadlocks, or with a server that is
    /// starting, stopping or full, or a busy SQLite.
    /// </summary>
    public bool IsTransient { get; internal init; }

    /// <summary>Whether nothing was handed on yet, so that another attempt can follow.</summary>
    internal bool MayRepeat { get; init; } = true;

    /// <summary>Whether it applies to all rows of a load.</summary>
    internal bool IsOfAll { get; init; }

    bool IRetryHint.MayRepeat => MayRepeat;

    TimeSpan? IRetryHint.RetryAfter => null;

    /// <summary>The error, with id and category.</summary>
    public ErrorRecord ErrorRecord => new(this, _id, _category, targetObject: null);
}
