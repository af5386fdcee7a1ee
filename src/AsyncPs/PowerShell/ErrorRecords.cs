using System.Globalization;

namespace AsyncPs;

/// <summary>Helpers for creating errors.</summary>
internal static class ErrorRecords
{
    /// <summary>The record of a bad argument or a similar mistake of the caller.</summary>
    public static ErrorRecord Create(string message, string id, ErrorCategory category, object? target)
        => new(new PSArgumentException(message), id, category, target);

    /// <summary>A duration, the same in every culture, in the form that parameters accept.</summary>
    public static string Duration(TimeSpan time) => time >= TimeSpan.FromSeconds(1) || time <= TimeSpan.Zero
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###} ms");

    /// <summary>The value of an argument, quoted.</summary>
    public static string Quote(object? value) => value is null ? "$null" : $"'{value}'";

    /// <summary>The name of an object's type, without namespace.</summary>
    public static string TypeName(object value) => PSObjectExtensions.Unwrap(value).GetType().Name;
}
