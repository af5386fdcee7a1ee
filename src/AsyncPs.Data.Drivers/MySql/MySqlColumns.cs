using System.Collections;

namespace AsyncPs.Data.Drivers.MySql;

/// <summary>Converts values to what MySQL takes as parameters and in columns. The server parses text.</summary>
internal static class MySqlColumns
{
    /// <summary>A parameter for a value that is not null.</summary>
    public static object Parameter(object value) => value switch
    {
        DateTimeOffset time => time.UtcDateTime,
        Guid id => id.ToString(),
        _ => PlainValues.Of(value),
    };

    /// <summary>How values of a column are stored.</summary>
    /// <param name="type">The driver's name of its type.</param>
    public static Func<object, object?> Of(string type) => type switch
    {
        "VARCHAR" or "CHAR" or "TEXT" or "TINYTEXT" or "MEDIUMTEXT" or "LONGTEXT" or "ENUM" or "SET" => Text,
        "JSON" => static value => value is string { Length: 0 } ? null : value is string ? value : ObjectJson.Of(value),
        _ => static value => value is string { Length: 0 } ? null : Parameter(value),
    };

    // In MariaDB, JSON is text.
    private static object Text(object value) => value is IEnumerable and not (string or byte[]) ? ObjectJson.Of(value) : Parameter(value);
}
