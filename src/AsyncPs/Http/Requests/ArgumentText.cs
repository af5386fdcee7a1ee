using System.Globalization;

namespace AsyncPs.Http.Requests;

/// <summary>Converts arguments to text.</summary>
internal static class ArgumentText
{
    /// <summary>The text, in PowerShell's culture-invariant conversion; null for null.</summary>
    /// <exception cref="PSInvalidCastException">It cannot be converted.</exception>
    public static string? Of(object? value) => value switch
    {
        null => null,
        string text => text,
        _ => (string)LanguagePrimitives.ConvertTo(value, typeof(string), CultureInfo.InvariantCulture),
    };
}
