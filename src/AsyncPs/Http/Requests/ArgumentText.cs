using System.Globalization;

namespace AsyncPs.Http.Requests;

/// <summary>Makes text of what a user gave.</summary>
internal static class ArgumentText
{
    /// <summary>The text, as PowerShell converts it in any culture; null for null.</summary>
    /// <exception cref="PSInvalidCastException">It has no text.</exception>
    public static string? Of(object? value) => value switch
    {
        null => null,
        string text => text,
        _ => (string)LanguagePrimitives.ConvertTo(value, typeof(string), CultureInfo.InvariantCulture),
    };
}
