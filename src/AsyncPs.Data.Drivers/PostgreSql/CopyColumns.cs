using System.Numerics;
using Npgsql;
using NpgsqlTypes;
using static AsyncPs.Data.Drivers.ColumnValues;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>Writes values into the columns of a binary COPY, checked and in the form that the column takes.</summary>
internal static class CopyColumns
{
    /// <summary>Writes a value that is not null to a column.</summary>
    /// <param name="importer">The COPY.</param>
    /// <param name="value">The value, which is a string only if the column takes text.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public delegate Task Writer(NpgsqlBinaryImporter importer, object value, CancellationToken cancellationToken);

    /// <summary>How values of a column are written.</summary>
    /// <param name="type">The type of the column, without modifiers such as the precision.</param>
    /// <param name="zone">The time zone of the session.</param>
    public static Writer Of(string type, SessionZone zone) => type switch
    {
        "smallint" => static (i, v, c) => i.WriteAsync(v is short n ? n : checked((short)Whole(v)), NpgsqlDbType.Smallint, c),
        "integer" => static (i, v, c) => i.WriteAsync(v is int n ? n : checked((int)Whole(v)), NpgsqlDbType.Integer, c),
        "bigint" => static (i, v, c) => i.WriteAsync(v is long n ? n : checked((long)Whole(v)), NpgsqlDbType.Bigint, c),
        "real" => static (i, v, c) => i.WriteAsync(v is float n ? n : (float)Real(v), NpgsqlDbType.Real, c),
        "double precision" => static (i, v, c) => i.WriteAsync(v is double n ? n : Real(v), NpgsqlDbType.Double, c),
        "money" => static (i, v, c) => i.WriteAsync(Decimal(v), NpgsqlDbType.Money, c),
        "boolean" => static (i, v, c) => i.WriteAsync(v is bool b ? b : Truth(v), NpgsqlDbType.Boolean, c),
        "text" => static (i, v, c) => i.WriteAsync(v as string ?? Text(v), NpgsqlDbType.Text, c),
        "json" => static (i, v, c) => i.WriteAsync(ObjectJson.Of(v), NpgsqlDbType.Json, c),
        "jsonb" => static (i, v, c) => i.WriteAsync(ObjectJson.Of(v), NpgsqlDbType.Jsonb, c),
        "uuid" => static (i, v, c) => i.WriteAsync((Guid)v, NpgsqlDbType.Uuid, c),
        "bytea" => static (i, v, c) => i.WriteAsync((byte[])v, NpgsqlDbType.Bytea, c),
        "date" => (i, v, c) => i.WriteAsync(v is DateOnly d ? d : DateOnly.FromDateTime(zone.Clock(v)), NpgsqlDbType.Date, c),
        "time without time zone" => (i, v, c) => i.WriteAsync(TimeOfDay(v, zone), NpgsqlDbType.Time, c),
        "timestamp with time zone" => (i, v, c) => i.WriteAsync(zone.Moment(v), NpgsqlDbType.TimestampTz, c),
        "timestamp without time zone" => (i, v, c) => i.WriteAsync(zone.Clock(v), NpgsqlDbType.Timestamp, c),
        "interval" => static (i, v, c) => i.WriteAsync(Duration(v), NpgsqlDbType.Interval, c),
        "numeric"
            => static (i, v, c) => v is BigInteger n
                ? i.WriteAsync(n, NpgsqlDbType.Numeric, c)
                : i.WriteAsync(Decimal(v), NpgsqlDbType.Numeric, c),
        "character varying" or "character" => static (i, v, c) => i.WriteAsync(Text(v), NpgsqlDbType.Varchar, c),

        // Arrays, ranges and the rest, in the form that the driver takes.
        _ => (i, v, c) => i.WriteAsync(Parameters.Convert(v), type, c),
    };

    /// <summary>Whether a column takes text, so that an empty string is a value rather than NULL.</summary>
    public static bool TakesText(string type) => type is "text" or "name" or "\"char\"" or "citext" or "character varying" or "character";

    /// <summary>Whether the server has to parse a value of a column, or the elements of a list.</summary>
    public static bool IsForServer(object? value, string type)
        => value is not null && type is not ("json" or "jsonb") && !TakesText(type) && (value is string || PgText.IsUntyped(value));

    /// <summary>Converts a value to a time of day.</summary>
    public static TimeOnly TimeOfDay(object value, SessionZone zone) => value switch
    {
        TimeOnly time => time,
        TimeSpan time => TimeOnly.FromTimeSpan(time),
        _ => TimeOnly.FromDateTime(zone.Clock(value)),
    };

    /// <summary>Converts a value to a duration.</summary>
    public static TimeSpan Duration(object value) => value switch
    {
        TimeSpan time => time,
        TimeOnly time => time.ToTimeSpan(),
        _ => throw new InvalidCastException($"'{value}' is not a duration."),
    };
}
