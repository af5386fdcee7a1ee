using System.Globalization;
using System.Text.RegularExpressions;

namespace AsyncPs.Commands.Parameters;

/// <summary>Parses durations in the forms in which people write them.</summary>
internal static partial class Duration
{
    /// <summary>The longest time of a .NET timer, in whole days: 49.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    private static readonly string[] Infinite = ["Infinite", "Infinity", "Never"];

    /// <summary>A finite time, or null.</summary>
    public static TimeSpan? Finite(TimeSpan? time) => time == Timeout.InfiniteTimeSpan ? null : time;

    /// <summary>Parses a duration.</summary>
    /// <param name="value">A number of seconds, a text, or a <see cref="TimeSpan"/>.</param>
    /// <param name="duration">The duration, negative if the number was; <see cref="Timeout.InfiniteTimeSpan"/> for -1.</param>
    public static bool TryParse(object? value, out TimeSpan duration)
    {
        // The parser takes `1d` for the decimal number 1. The wrapper of the value still has the typed text.
        string? typed = value is PSObject { BaseObject: ValueType } number ? number.ToString() : null;
        value = PSObjectExtensions.Unwrap(value);
        duration = default;
        return value switch
        {
            TimeSpan span => (duration = span) == span,
            string text => TryParseText(text.Trim(), out duration),
            null or bool or char or Enum => false,
            IConvertible when typed is not null && WithUnits().IsMatch(typed) => TryParseText(typed, out duration),
            IConvertible seconds and ValueType and not DateTime
                => TryFromSeconds(seconds.ToDouble(CultureInfo.InvariantCulture), out duration),
            _ => false,
        };
    }

    [GeneratedRegex(
        @"^(?:(?<number>\d+(?:\.\d+)?|\.\d+)\s*(?<unit>ms|s|m|h|d)\s*)+$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex WithUnits();

    private static bool TryParseText(string text, out TimeSpan duration)
    {
        if (Array.Exists(Infinite, name => name.Equals(text, StringComparison.OrdinalIgnoreCase)))
        {
            duration = Timeout.InfiniteTimeSpan;
            return true;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds))
        {
            return TryFromSeconds(seconds, out duration);
        }

        return TryParseUnits(text, out duration)
            || (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration));
    }

    private static bool TryParseUnits(string text, out TimeSpan duration)
    {
        duration = default;
        Match match = WithUnits().Match(text);
        if (!match.Success)
        {
            return false;
        }

        double seconds = 0;
        for (int i = 0; i < match.Groups["number"].Captures.Count; i++)
        {
            double number = double.Parse(match.Groups["number"].Captures[i].Value, CultureInfo.InvariantCulture);
            seconds += number * SecondsOf(match.Groups["unit"].Captures[i].Value);
        }

        return TryFromSeconds(seconds, out duration);
    }

    private static double SecondsOf(string unit) => unit.ToUpperInvariant() switch
    {
        "MS" => 0.001,
        "S" => 1,
        "M" => 60,
        "H" => 3600,
        _ => 86400,
    };

    private static bool TryFromSeconds(double seconds, out TimeSpan duration)
    {
        // A value beyond the range of a TimeSpan is beyond the limit too, and is reported as too long.
        duration = seconds == -1 ? Timeout.InfiniteTimeSpan
            : seconds >= TimeSpan.MaxValue.TotalSeconds ? TimeSpan.MaxValue
            : seconds <= TimeSpan.MinValue.TotalSeconds || double.IsNaN(seconds) ? TimeSpan.MinValue
            : TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
        return !double.IsNaN(seconds);
    }
}
