namespace AsyncPs.Resilience;

/// <summary>An exception that knows whether another attempt may help.</summary>
internal interface IRetryHint
{
    /// <summary>Whether it may, unless the user has said which errors are tried again.</summary>
    bool IsTransient { get; }

    /// <summary>Whether another attempt does not repeat what was written already.</summary>
    bool MayRepeat { get; }

    /// <summary>How long the other side asked to wait, or null.</summary>
    TimeSpan? RetryAfter { get; }
}
