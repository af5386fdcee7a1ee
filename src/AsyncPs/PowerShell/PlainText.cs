using System.Globalization;
using System.Management.Automation.Internal;

namespace AsyncPs;

/// <summary>Values as text that is the same in every culture.</summary>
internal static class PlainText
{
    /// <summary>A value as text; empty for null.</summary>
    public static string Of(object? value) => Unwrap(value) switch
    {
        null => "",
        string text => text,
        DateTime time => time.ToString("yyyy'-'MM'-'dd'T'HH':'mm':'ss.FFFFFFFK", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("yyyy'-'MM'-'dd'T'HH':'mm':'ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
        DateOnly or TimeOnly => ((IFormattable)Unwrap(value)!).ToString("O", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        var other => other.ToString() ?? "",
    };

    /// <summary>A value without its PSObject, unless that is a custom object. DBNull and AutomationNull become null.</summary>
    public static object? Unwrap(object? value)
    {
        object? bare = PSObjectExtensions.UnwrapUnlessCustom(value);
        return bare is DBNull || bare == AutomationNull.Value ? null : bare;
    }
}
