namespace AsyncPs.Dependencies;

/// <summary>Delays as Polly takes them.</summary>
internal static class Delays
{
    /// <summary>The longest.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>The shorter of two delays.</summary>
    public static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
