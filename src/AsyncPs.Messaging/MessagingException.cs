using AsyncPs.Resilience;

namespace AsyncPs.Messaging;

/// <summary>A failure of a broker, a queue or a message. Its text holds no secrets.</summary>
public sealed class MessagingException : Exception, IContainsErrorRecord, IRetryHint
{
    private readonly string _id;
    private readonly ErrorCategory _category;

    internal MessagingException(string id, ErrorCategory category, string message, Exception? inner = null)
        : base(message, inner)
    {
        _id = id;
        _category = category;
    }

    /// <summary>The broker's code of the failure, such as `404`; null if there is none.</summary>
    public int? Code { get; internal init; }

    /// <summary>Whether the same may succeed later.</summary>
    public bool IsTransient { get; internal init; }

    /// <summary>The message or another object that it is about.</summary>
    internal object? Target { get; init; }

    bool IRetryHint.MayRepeat => true;

    TimeSpan? IRetryHint.RetryAfter => null;

    /// <summary>The error, with id and category.</summary>
    public ErrorRecord ErrorRecord => new(this, _id, _category, Target);
}
