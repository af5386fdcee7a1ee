using System.Collections;
using static AsyncPs.Data.Drivers.ColumnValues;

namespace AsyncPs.Data.Drivers.SqlServer;

/// <summary>Values as SQL Server takes them, as parameters and in columns.</summary>
internal static class SqlServerColumns
{
    /// <summary>A value that is not null as a parameter.</summary>
    public static object Parameter(object value) => value switch
    {
        sbyte number => (short)number,
        ushort number => (int)number,
        uint number => (long)number,
        ulong number => (decimal)number,
        _ => PlainValues.Of(value),
    };

    /// <summary>How values of a column are stored: the bulk copy takes values of the type of the column only.</summary>
    /// <param name="type">What the driver calls its type.</param>
    public static Func<object, object?> Of(string type) => type switch
    {
        "char" or "varchar" or "text" or "nchar" or "nvarchar" or "ntext" or "xml"
            => static value => value is IEnumerable and not (string or byte[]) ? ObjectJson.Of(value) : Text(value),
        "tinyint" => Integer(static number => (byte)number),
        "smallint" => Integer(static number => (short)number),
        "int" => Integer(static number => (int)number),
        "bigint" => Integer(static number => (long)number),
        "decimal" or "numeric" or "money" or "smallmoney" => OrNull(static value => Decimal(value)),
        "float" => OrNull(static value => Real(value)),
        "real" => OrNull(static value => (float)Real(value)),
        "bit" => OrNull(static value => Truth(value)),
        "uniqueidentifier" => OrNull(static value => value is Guid id ? id : Guid.Parse(Text(value))),

        // The driver reads the texts of dates.
        _ => OrNull(Parameter),
    };

    private static Func<object, object?> OrNull(Func<object, object> convert)
        => value => value is string { Length: 0 } ? null : convert(value);

    private static Func<object, object?> Integer(Func<decimal, object> convert)
        => OrNull(value => convert(value is bool truth ? truth ? 1 : 0 : Whole(value)));
}
