using System.Collections;

namespace AsyncPs.Data.Drivers.MySql;

/// <summary>Values as MySQL takes them, as parameters and in columns: texts are the server's to read.</summary>
internal static class MySqlColumns
{
    /// <summary>A value that is not null as a parameter.</summary>
    public static object Parameter(object value) => value switch
    {
        DateTimeOffset time => time.UtcDateTime,
        Guid id => id.ToString(),
        _ => PlainValues.Of(value),
    };

    /// <summary>How values of a column are stored.</summary>
    /// <param name="type">What the driver calls its type.</param>
    public static Func<object, object?> Of(string type) => type switch
    {
        "VARCHAR" or "CHAR" or "TEXT" or "TINYTEXT" or "MEDIUMTEXT" or "LONGTEXT" or "ENUM" or "SET" => Text,
        "JSON" => static value => value is string { Length: 0 } ? null : value is string ? value : ObjectJson.Of(value),
        _ => static value => value is string { Length: 0 } ? null : Parameter(value),
    };

    // Of MariaDB, JSON is a text.
    private static object Text(object value) => value is IEnumerable and not (string or byte[]) ? ObjectJson.Of(value) : Parameter(value);
}
