namespace AsyncPs.Concurrency.Coroutines;

/// <summary>How long `Start-Sleep` sleeps, given its argument.</summary>
internal static class SleepTime
{
    /// <summary>Gets the time.</summary>
    /// <returns>False unless the argument is a number or a time span in range: the command itself reports anything else.</returns>
    public static bool TryGet(object? argument, AwaitKind unit, out TimeSpan time)
    {
        double milliseconds = (unit, argument) switch
        {
            (AwaitKind.Duration, TimeSpan span) => span.TotalMilliseconds,
            (AwaitKind.Seconds, int number) => number * 1000.0,
            (AwaitKind.Seconds, double number) => number * 1000.0,
            (AwaitKind.Milliseconds, int number) => number,
            _ => -1,
        };
        bool isInRange = milliseconds is >= 0 and <= int.MaxValue;
        time = isInRange ? TimeSpan.FromMilliseconds(Math.Floor(milliseconds)) : default;
        return isInRange;
    }
}
