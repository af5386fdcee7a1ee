using System.Globalization;
using System.Numerics;

namespace AsyncPs.Data.Drivers;

/// <summary>
/// Converts values of a row to the types of the columns. Text, such as the cells of a file, is parsed in the invariant culture. A value
/// that does not fit throws.
/// </summary>
internal static class ColumnValues
{
    /// <summary>Whether an exception means that a value does not fit.</summary>
    public static bool IsMisfit(Exception exception)
        => exception is FormatException or InvalidCastException or OverflowException or NotSupportedException or ArgumentException;

    /// <summary>A whole number.</summary>
    public static decimal Whole(object value) => Decimal(value) is var number && number == decimal.Truncate(number)
        ? number
        : throw new FormatException($"{number.ToString(CultureInfo.InvariantCulture)} is not a whole number.");

    /// <summary>A number.</summary>
    public static decimal Decimal(object value) => value switch
    {
        decimal number => number,
        string text => decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
        BigInteger number => (decimal)number,
        bool or char or DateTime or Enum => throw NoNumber(value),
        _ => Convert.ToDecimal(value, CultureInfo.InvariantCulture),
    };

    /// <summary>A number with a binary fraction.</summary>
    public static double Real(object value) => value switch
    {
        string text => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
        BigInteger number => (double)number,
        bool or char or DateTime or Enum => throw NoNumber(value),
        _ => Convert.ToDouble(value, CultureInfo.InvariantCulture),
    };

    /// <summary>A Boolean.</summary>
    public static bool Truth(object value) => value is bool truth ? truth : Text(value).Trim().ToUpperInvariant() switch
    {
        "TRUE" or "T" or "YES" or "Y" or "ON" or "1" => true,
        "FALSE" or "F" or "NO" or "N" or "OFF" or "0" => false,
        _ => throw new FormatException($"'{value}' is neither true nor false."),
    };

    /// <summary>A text.</summary>
    public static string Text(object value) => value as string ?? (value is IFormattable formattable
        ? formattable.ToString(value is DateTime or DateTimeOffset ? "O" : null, CultureInfo.InvariantCulture)
        : value is Array ? throw new InvalidCastException($"A {value.GetType()} is not a string.") : value.ToString() ?? "");

    private static InvalidCastException NoNumber(object value) => new($"'{value}' is not a number.");
}
