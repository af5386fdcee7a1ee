using System.Data.Common;
using System.Numerics;
using System.Text;
using AsyncPs.Http.Json;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>Values of PostgreSQL as those of .NET that scripts expect.</summary>
internal static class Values
{
    private static readonly Func<DbDataReader, int, object?> AsIs = static (row, column) => row.GetValue(column);
    private static readonly Func<DbDataReader, int, object?> Json = static (row, column) => row.IsDBNull(column) ? DBNull.Value : JsonObjects.Parse(Encoding.UTF8.GetBytes(row.GetString(column))).Value;
    private static readonly Func<DbDataReader, int, object?> Moment = ReadMoment;
    private static readonly Func<DbDataReader, int, object?> Number = ReadNumber;

    /// <summary>How values of a type are read.</summary>
    /// <param name="type">The type, without modifiers such as the precision.</param>
    public static Func<DbDataReader, int, object?> ReaderOf(string type) => type switch
    {
        "json" or "jsonb" => Json,
        "timestamp with time zone" => Moment,
        "numeric" => Number,
        _ => AsIs,
    };

    // A moment, not a time on somebody's clock: with its offset it is shown as what it is.
    private static object? ReadMoment(DbDataReader row, int column)
        => row.GetValue(column) is var value && value is DateTime time ? new DateTimeOffset(time, TimeSpan.Zero) : value;

    private static object? ReadNumber(DbDataReader row, int column)
    {
        try
        {
            return row.GetValue(column);
        }
        catch (Exception e) when (e is OverflowException or InvalidCastException or NotSupportedException)
        {
            return ReadLongNumber(row, column);
        }
    }

    // More digits than a Decimal has.
    private static BigInteger ReadLongNumber(DbDataReader row, int column)
    {
        try
        {
            return row.GetFieldValue<BigInteger>(column);
        }
        catch (Exception e) when (e is OverflowException or InvalidCastException or NotSupportedException)
        {
            throw new InvalidCastException($"The value of the column {row.GetName(column)} has more digits than a Decimal, or is not a number. Round it or cast it in the query, for example to text.", e);
        }
    }
}
