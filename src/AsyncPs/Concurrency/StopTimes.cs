namespace AsyncPs.Concurrency;

/// <summary>How long what was told to stop may go on.</summary>
internal static class StopTimes
{
    /// <summary>
    /// When what takes no notice of a stop is let go of: long enough for clean-up, finally blocks included, short enough for a person who
    /// pressed Ctrl+C. Three seconds.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);
}
