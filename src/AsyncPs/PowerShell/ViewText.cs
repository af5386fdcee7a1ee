using System.Collections;
using System.Globalization;
using System.Text.RegularExpressions;

namespace AsyncPs;

/// <summary>Values as the module's views show them: on one line, and without type names where something better can be shown.</summary>
public static partial class ViewText
{
    // More than any console shows of one value.
    private const int LongestText = 1000;

    /// <summary>A value, or the values of a collection.</summary>
    /// <param name="value">The value; null is empty.</param>
    public static string Of(object? value)
    {
        string text = Short(value, 0);
        return text.Length <= LongestText ? text : string.Concat(text.AsSpan(0, LongestText), "…");
    }

    // Deeper than a view can usefully show; also ends values that contain themselves.
    private const int Deepest = 4;

    private static string Short(object? value, int depth) => PSObjectExtensions.Unwrap(value) switch
    {
        ICollection when depth > Deepest => "…",
        null => string.Empty,
        string text => OneLine(text),
        TimeSpan time => Duration(time),
        Job job => job.Name,
        Task task => $"Task {task.Id}",
        IDictionary pairs => $"@{{{Join("; ", pairs.Keys.Cast<object>().Select(key => $"{key}={Short(pairs[key], depth + 1)}"))}}}",
        ICollection values => Join(", ", values.Cast<object?>().Select(element => Short(element, depth + 1))),
        _ => OneLine(LanguagePrimitives.ConvertTo<string>(value)),
    };

    // Values that no view has room for are not read.
    private static string Join(string separator, IEnumerable<string> texts)
    {
        int length = 0;
        return string.Join(separator, texts.TakeWhile(text => (length += text.Length + separator.Length) - text.Length <= LongestText));
    }

    private static string OneLine(string text) => WhiteSpace().Replace(text, " ").Trim();

    // The two largest units: 0.0087 s, 1 min 30 s, 2 d 3 h.
    private static string Duration(TimeSpan time)
    {
        if (time == Timeout.InfiniteTimeSpan)
        {
            return "Infinite";
        }

        if (time < TimeSpan.FromMinutes(1))
        {
            return time.TotalSeconds.ToString("0.####", CultureInfo.InvariantCulture) + " s";
        }

        (int Count, string Unit)[] parts = [(time.Days, "d"), (time.Hours, "h"), (time.Minutes, "min"), (time.Seconds, "s")];
        return string.Join(
            ' ',
            parts
                .SkipWhile(static part => part.Count == 0)
                .Take(2)
                .Where(static part => part.Count > 0)
                .Select(static part => $"{part.Count} {part.Unit}"));
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
