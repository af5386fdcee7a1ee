using System.Globalization;
using System.Numerics;
using Npgsql;
using NpgsqlTypes;
using static AsyncPs.Data.Drivers.ColumnValues;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>How values go into the columns of a COPY: checked, as what the column takes.</summary>
internal static class CopyColumns
{
    /// <summary>Writes a value that is not null to a column.</summary>
    /// <param name="importer">The COPY.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public delegate Task Writer(NpgsqlBinaryImporter importer, object value, CancellationToken cancellationToken);

    /// <summary>How values of a column are written.</summary>
    /// <param name="type">The type of the column, without modifiers such as the precision.</param>
    public static Writer Of(string type) => type switch
    {
        "smallint" => static (i, v, c) => i.WriteAsync(v is short n ? n : checked((short)Whole(v)), NpgsqlDbType.Smallint, c),
        "integer" => static (i, v, c) => i.WriteAsync(v is int n ? n : checked((int)Whole(v)), NpgsqlDbType.Integer, c),
        "bigint" => static (i, v, c) => i.WriteAsync(v is long n ? n : checked((long)Whole(v)), NpgsqlDbType.Bigint, c),
        "real" => static (i, v, c) => i.WriteAsync(v is float n ? n : (float)Real(v), NpgsqlDbType.Real, c),
        "double precision" => static (i, v, c) => i.WriteAsync(v is double n ? n : Real(v), NpgsqlDbType.Double, c),
        "money" => static (i, v, c) => i.WriteAsync(Decimal(v), NpgsqlDbType.Money, c),
        "boolean" => static (i, v, c) => i.WriteAsync(v is bool b ? b : Truth(v), NpgsqlDbType.Boolean, c),
        "text" => static (i, v, c) => i.WriteAsync(v as string ?? Text(v), NpgsqlDbType.Text, c),
        "json" => static (i, v, c) => i.WriteAsync(Text(v), NpgsqlDbType.Json, c),
        "jsonb" => static (i, v, c) => i.WriteAsync(Text(v), NpgsqlDbType.Jsonb, c),
        "uuid" => static (i, v, c) => i.WriteAsync(v is Guid g ? g : Guid.Parse(Text(v)), NpgsqlDbType.Uuid, c),
        "bytea" => static (i, v, c) => i.WriteAsync((byte[])v, NpgsqlDbType.Bytea, c),
        "date" => static (i, v, c) => i.WriteAsync(v switch { DateOnly d => d, DateTime t => DateOnly.FromDateTime(t), _ => DateOnly.Parse(Text(v), CultureInfo.InvariantCulture) }, NpgsqlDbType.Date, c),
        "time without time zone" => static (i, v, c) => i.WriteAsync(v switch { TimeOnly t => t, TimeSpan s => TimeOnly.FromTimeSpan(s), _ => TimeOnly.Parse(Text(v), CultureInfo.InvariantCulture) }, NpgsqlDbType.Time, c),
        "timestamp with time zone" => static (i, v, c) => i.WriteAsync(Moment(v), NpgsqlDbType.TimestampTz, c),
        "timestamp without time zone" => static (i, v, c) => i.WriteAsync(DateTime.SpecifyKind(v is DateTime t ? t : DateTime.Parse(Text(v), CultureInfo.InvariantCulture), DateTimeKind.Unspecified), NpgsqlDbType.Timestamp, c),
        "interval" => static (i, v, c) => i.WriteAsync(v is TimeSpan s ? s : TimeSpan.Parse(Text(v), CultureInfo.InvariantCulture), NpgsqlDbType.Interval, c),
        "numeric" => static (i, v, c) => v is BigInteger n ? i.WriteAsync(n, NpgsqlDbType.Numeric, c) : i.WriteAsync(Decimal(v), NpgsqlDbType.Numeric, c),
        "character varying" or "character" => static (i, v, c) => i.WriteAsync(Text(v), NpgsqlDbType.Varchar, c),

        // Enums as texts, arrays, ranges and the rest as what the driver takes for them.
        _ => (i, v, c) => i.WriteAsync(Parameters.Convert(v), type, c),
    };

    /// <summary>Whether a column takes texts, so that an empty one is a value rather than none.</summary>
    public static bool TakesText(string type) => type is "text" or "name" or "\"char\"" or "citext" or "character varying" or "character";

    private static DateTime Moment(object value) => value switch
    {
        DateTimeOffset time => time.UtcDateTime,
        DateTime { Kind: DateTimeKind.Utc } time => time,
        DateTime time => time.ToUniversalTime(),
        _ => DateTimeOffset.Parse(Text(value), CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal).UtcDateTime,
    };
}
