using System.Globalization;
using System.Numerics;

namespace AsyncPs.Data.Drivers.Sqlite;

/// <summary>
/// Converts values for the columns of a table to the declared types. SQLite itself would store anything anywhere.
/// </summary>
internal static class SqliteColumns
{
    /// <summary>How values of a column are stored.</summary>
    /// <param name="type">The declared type of the column; empty if there is none.</param>
    /// <returns>A function that converts a value that is not null.</returns>
    public static Func<object, object?> Of(string type)
    {
        bool Has(string part) => type.Contains(part, StringComparison.OrdinalIgnoreCase);

        // The order of SQLite, which also goes by parts of the name.
        return type.Length == 0 || type.Equals("any", StringComparison.OrdinalIgnoreCase) ? static value => value
            : Has("int") ? static value => OrNull(value) is { } given ? Integer(given) : null
            : Has("char") || Has("clob") || Has("text") ? static value => value is decimal or BigInteger ? ColumnValues.Text(value) : value
            : Has("blob") ? OrNull
            : Has("real") || Has("floa") || Has("doub") ? static value => OrNull(value) is { } given ? ColumnValues.Real(given) : null
            : Has("bool") ? static value => OrNull(value) is { } given ? Truth(given) : null
            : Has("date") || Has("time") ? static value => OrNull(value) is { } given ? Time(given) : null
            : Has("num") || Has("dec") || Has("money") ? static value => OrNull(value) is { } given ? Number(given) : null
            : OrNull;
    }

    private static object? OrNull(object value) => value is string { Length: 0 } ? null : value;

    private static object Integer(object value) => value is bool ? value : checked((long)ColumnValues.Whole(value));

    private static object Number(object value) => value switch
    {
        bool => value,
        string text when long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long whole) => whole,
        string text => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
        char or DateTime or Enum => ColumnValues.Decimal(value),
        _ => value is IConvertible or BigInteger ? value : throw new InvalidCastException($"'{value}' is not a number."),
    };

    // Numbers other than 0 and 1 are allowed in a column of this kind.
    private static object Truth(object value) => value is bool or string ? ColumnValues.Truth(value) : Integer(value);

    // Numbers are days or seconds. A string is stored unchanged, so that it compares with the existing ones.
    private static object Time(object value) => value switch
    {
        string text
            when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _)
                || TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _) => text,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) => Number(text),
        string text => throw new FormatException($"'{text}' is neither a date nor a time."),
        DateTime or DateTimeOffset or DateOnly or TimeOnly or TimeSpan => value,
        _ => Number(value),
    };
}
