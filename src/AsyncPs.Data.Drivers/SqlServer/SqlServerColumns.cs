using System.Collections;
using static AsyncPs.Data.Drivers.ColumnValues;

namespace AsyncPs.Data.Drivers.SqlServer;

/// <summary>Converts values to what SQL Server takes as parameters and in columns.</summary>
internal static class SqlServerColumns
{
    /// <summary>A parameter for a value that is not null.</summary>
    public static object Parameter(object value) => value switch
    {
        sbyte number => (short)number,
        ushort number => (int)number,
        uint number => (long)number,
        ulong number => (decimal)number,
        _ => PlainValues.Of(value),
    };

    /// <summary>How values of a column are stored: the bulk copy takes only values of the column's type.</summary>
    /// <param name="type">The driver's name of its type.</param>
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

        // The driver parses dates.
        _ => OrNull(Parameter),
    };

    private static Func<object, object?> OrNull(Func<object, object> convert)
        => value => value is string { Length: 0 } ? null : convert(value);

    private static Func<object, object?> Integer(Func<decimal, object> convert)
        => OrNull(value => convert(value is bool truth ? truth ? 1 : 0 : Whole(value)));
}
