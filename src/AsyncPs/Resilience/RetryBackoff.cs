namespace AsyncPs.Resilience;

/// <summary>How the delay before an attempt grows with the number of attempts.</summary>
public enum RetryBackoff
{
    /// <summary>The same delay each time.</summary>
    Constant,

    /// <summary>The delay times the number of the retry: 1, 2, 3 and so on.</summary>
    Linear,

    /// <summary>Twice as long each time: 1, 2, 4 and so on.</summary>
    Exponential,
}
