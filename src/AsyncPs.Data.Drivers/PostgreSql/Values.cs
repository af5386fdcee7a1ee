using System.Data.Common;
using System.Text;
using AsyncPs.Http.Json;
using Npgsql;
using Npgsql.PostgresTypes;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>Converts values of PostgreSQL to the .NET values that scripts expect.</summary>
internal static class Values
{
    private static readonly Func<DbDataReader, int, object?> AsIs = static (row, column) => row.GetValue(column);
    private static readonly Func<DbDataReader, int, object?> Json = OrNull(
        static (row, column) => JsonObjects.Parse(Encoding.UTF8.GetBytes(row.GetString(column)), keepsAllNames: true).Value);
    private static readonly Func<DbDataReader, int, object?> Moment = OrNull(
        static (row, column) => BinaryValues.Moment(row.GetFieldValue<long>(column)));
    private static readonly Func<DbDataReader, int, object?> Timestamp = OrNull(
        static (row, column) => BinaryValues.Timestamp(row.GetFieldValue<long>(column)));
    private static readonly Func<DbDataReader, int, object?> Date = OrNull(
        static (row, column) => BinaryValues.Date(row.GetFieldValue<int>(column)));
    private static readonly Func<DbDataReader, int, object?> TimeOfDay = OrNull(
        static (row, column) => BinaryValues.TimeOfDay(row.GetFieldValue<long>(column)));
    private static readonly Func<DbDataReader, int, object?> Interval = OrNull(
        static (row, column) => BinaryValues.Interval(Bytes(row, column)));

    /// <summary>How values of a type are read.</summary>
    /// <param name="type">The type.</param>
    public static Func<DbDataReader, int, object?> ReaderOf(PostgresType type) => type.DisplayName switch
    {
        "json" or "jsonb" => Json,
        "timestamp with time zone" => Moment,
        "timestamp without time zone" => Timestamp,
        "date" => Date,
        "time without time zone" => TimeOfDay,
        "interval" => Interval,
        "numeric" => ReadNumber,
        "inet" => ReadAddress,
        "smallint" or "integer" or "bigint" or "real" or "double precision" or "boolean" or "text" or "character varying" or "character"
            or "uuid" or "bytea" or "name" => AsIs,
        var name => (row, column) => ReadOther(row, column, type, name),
    };

    private static Func<DbDataReader, int, object?> OrNull(Func<DbDataReader, int, object?> read)
        => (row, column) => row.IsDBNull(column) ? DBNull.Value : read(row, column);

    private static bool IsUnreadable(Exception exception)
        => exception is OverflowException or InvalidCastException or NotSupportedException or ArgumentException or FormatException;

    private static object? ReadNumber(DbDataReader row, int column)
    {
        try
        {
            return row.GetValue(column);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return BinaryValues.Numeric(Bytes(row, column));
        }
    }

    // The driver's address type loses the network mask.
    private static object ReadAddress(DbDataReader row, int column)
    {
        if (row.IsDBNull(column))
        {
            return DBNull.Value;
        }

        byte[] bytes = Bytes(row, column);
        var address = new System.Net.IPAddress(bytes.AsSpan(4));
        return bytes[1] == (bytes.Length - 4) * 8 ? address : $"{address}/{bytes[1]}";
    }

    private static object? ReadOther(DbDataReader row, int column, PostgresType type, string name)
    {
        object? value;
        Exception? reason = null;
        try
        {
            value = row.GetValue(column);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            reason = e;
            value = new RawValue(Bytes(row, column));
        }

        return value is RawValue raw ? BinaryElements.Read(type, raw.Bytes) ?? throw Unreadable(row, column, name, reason) : value;
    }

    private static InvalidCastException Unreadable(DbDataReader row, int column, string type, Exception? reason)
        => new(
            $"The column {row.GetName(column)}, which is {type}, can't be read. Cast it to text in the query: {row.GetName(column)}::text."
                + (reason is null ? "" : $" {reason.Message}"),
            reason);

    private static byte[] Bytes(DbDataReader row, int column)
    {
        using Stream stream = ((NpgsqlDataReader)row).GetStream(column);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
