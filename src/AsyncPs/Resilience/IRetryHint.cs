namespace AsyncPs.Resilience;

/// <summary>An exception that knows whether another attempt may help.</summary>
internal interface IRetryHint
{
    /// <summary>Whether another attempt may help, unless the user has said which errors are retried.</summary>
    bool IsTransient { get; }

    /// <summary>Whether another attempt would not repeat what was already written.</summary>
    bool MayRepeat { get; }

    /// <summary>How long the other side asked to wait, or null.</summary>
    TimeSpan? RetryAfter { get; }
}
