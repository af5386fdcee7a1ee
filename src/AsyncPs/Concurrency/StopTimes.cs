namespace AsyncPs.Concurrency;

/// <summary>How long stopped code may continue.</summary>
internal static class StopTimes
{
    /// <summary>
    /// When code that ignores a stop is abandoned. Three seconds: long enough for clean-up, finally blocks included, and short enough for
    /// a person who pressed Ctrl+C.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);
}
