using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using Npgsql;
using static AsyncPs.Data.Drivers.ColumnValues;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>
/// Writes values as text in PostgreSQL's format: for loads as text, and for lists as parameters. A string is unchanged, and the server
/// parses it.
/// </summary>
/// <param name="zone">The time zone of the session.</param>
internal sealed class PgText(SessionZone zone)
{
    private const string ArraySuffix = "[]";
    private const string Time = "HH':'mm':'ss'.'FFFFFF";

    /// <summary>The elements of a value that is a list; otherwise null.</summary>
    public static IEnumerable? Elements(object value) => value switch
    {
        string or byte[] or IDictionary or BitArray => null,
        Array { Rank: > 1 } => null,
        ICollection list when list.GetType().Assembly != typeof(NpgsqlConnection).Assembly => list,
        IEnumerable set
            when Array.Exists(set.GetType().GetInterfaces(), static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ISet<>))
                => set,
        _ => null,
    };

    /// <summary>Whether a value is a list whose element type depends on its use.</summary>
    public static bool IsUntyped(object value)
        => Elements(value) is { } list && (list is not Array array || array.GetType().GetElementType()!.IsAssignableFrom(typeof(string)));

    /// <summary>The text of a value that is not null, for a type.</summary>
    /// <param name="value">The value.</param>
    /// <param name="type">The type, without modifiers such as the precision.</param>
    public string Of(object value, string type) => value as string ?? type switch
    {
        "smallint" => checked((short)Whole(value)).ToString(CultureInfo.InvariantCulture),
        "integer" => checked((int)Whole(value)).ToString(CultureInfo.InvariantCulture),
        "bigint" => checked((long)Whole(value)).ToString(CultureInfo.InvariantCulture),
        "real" or "double precision" => Real(value).ToString("R", CultureInfo.InvariantCulture),
        "numeric" => Number(value),
        "boolean" => Truth(value) ? "t" : "f",
        "date" => Date(zone.Clock(value), "yyyy'-'MM'-'dd", ""),
        "timestamp without time zone" => Date(zone.Clock(value), "yyyy'-'MM'-'dd " + Time, ""),
        "timestamp with time zone" => Date(zone.Moment(value), "yyyy'-'MM'-'dd " + Time, "+00"),
        "time without time zone" => CopyColumns.TimeOfDay(value, zone).ToString(Time, CultureInfo.InvariantCulture),
        "interval" => Interval(CopyColumns.Duration(value)),
        "json" or "jsonb" => ObjectJson.Of(value),

        // The format of a number depends on the server's locale.
        "money" => throw new NotSupportedException("In a load with strings, give amounts of money as strings too."),
        _ when CopyColumns.TakesText(type) => Text(value),
        _ when Elements(value) is { } list
            => List(list, type.EndsWith(ArraySuffix, StringComparison.Ordinal) ? type[..^ArraySuffix.Length] : ""),
        _ => Plain(value),
    };

    private string Plain(object value) => value switch
    {
        byte[] bytes => "\\x" + Convert.ToHexString(bytes),
        bool truth => truth ? "t" : "f",
        float or double => Real(value).ToString("R", CultureInfo.InvariantCulture),
        DateTime { Kind: DateTimeKind.Unspecified } => Of(value, "timestamp without time zone"),
        DateTime or DateTimeOffset => Of(value, "timestamp with time zone"),
        DateOnly => Of(value, "date"),
        TimeOnly => Of(value, "time without time zone"),
        TimeSpan => Of(value, "interval"),
        IDictionary or PSObject => ObjectJson.Of(value),
        BitArray bits => string.Concat(bits.Cast<bool>().Select(static bit => bit ? '1' : '0')),
        _ => Text(value),
    };

    private string List(IEnumerable list, string type)
    {
        var text = new StringBuilder("{");
        foreach (object? element in list)
        {
            if (text.Length > 1)
            {
                text.Append(',');
            }

            object? value = PlainText.Unwrap(element);
            if (value is null)
            {
                text.Append("NULL");
            }
            else if (type is not ("json" or "jsonb") && Elements(value) is { } inner)
            {
                text.Append(List(inner, type));
            }
            else
            {
                text
                    .Append('"')
                    .Append(Of(value, type).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal))
                    .Append('"');
            }
        }

        return text.Append('}').ToString();
    }

    private static string Number(object value) => value switch
    {
        System.Numerics.BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        float or double => Real(value).ToString("R", CultureInfo.InvariantCulture),
        _ => Decimal(value).ToString(CultureInfo.InvariantCulture),
    };

    private static string Date(DateTime time, string format, string offset)
        => !SessionZone.IsEndless(time)
            ? time.ToString(format, CultureInfo.InvariantCulture) + offset
            : time == DateTime.MinValue ? "-infinity" : "infinity";

    // A day does not have 24 hours where clocks change.
    private static string Interval(TimeSpan value)
        => string.Create(
            CultureInfo.InvariantCulture,
            $"{value.Days} days {(value - TimeSpan.FromDays(value.Days)).Ticks / TimeSpan.TicksPerMicrosecond} microseconds");
}
