namespace AsyncPs.Dependencies;

/// <summary>Delays in the range that Polly takes.</summary>
internal static class Delays
{
    /// <summary>The longest delay.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>The shorter of two delays.</summary>
    public static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
