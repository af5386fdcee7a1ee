using System.Buffers.Binary;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Text;
using AsyncPs.Http.Json;
using Npgsql.PostgresTypes;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>Reads composite values, and arrays and ranges whose elements have no .NET type, element by element.</summary>
internal static class BinaryElements
{
    private const byte Empty = 0x01;
    private const byte LowerInclusive = 0x02;
    private const byte UpperInclusive = 0x04;
    private const byte LowerInfinite = 0x08;
    private const byte UpperInfinite = 0x10;

    /// <summary>Reads a value.</summary>
    /// <returns>Null for an unknown type.</returns>
    public static object? Read(PostgresType type, ReadOnlySpan<byte> bytes) => type switch
    {
        PostgresArrayType array => Array(array.Element, bytes),
        PostgresRangeType range => Range(range.Subtype, bytes),
        PostgresDomainType domain => Read(domain.BaseType, bytes),
        PostgresCompositeType composite => Composite(composite, bytes),
        PostgresEnumType => Encoding.UTF8.GetString(bytes),
        _ => type.DisplayName switch
        {
            "smallint" => BinaryPrimitives.ReadInt16BigEndian(bytes),
            "integer" => BinaryPrimitives.ReadInt32BigEndian(bytes),
            "bigint" => BinaryPrimitives.ReadInt64BigEndian(bytes),
            "timestamp with time zone" => BinaryValues.Moment(BinaryPrimitives.ReadInt64BigEndian(bytes)),
            "timestamp without time zone" => BinaryValues.Timestamp(BinaryPrimitives.ReadInt64BigEndian(bytes)),
            "date" => BinaryValues.Date(BinaryPrimitives.ReadInt32BigEndian(bytes)),
            "time without time zone" => BinaryValues.TimeOfDay(BinaryPrimitives.ReadInt64BigEndian(bytes)),
            "interval" => BinaryValues.Interval(bytes),
            "numeric" => Number(BinaryValues.Numeric(bytes)),
            "boolean" => bytes[0] != 0,
            "real" => BinaryPrimitives.ReadSingleBigEndian(bytes),
            "double precision" => BinaryPrimitives.ReadDoubleBigEndian(bytes),
            "text" or "character varying" or "character" or "name" => Encoding.UTF8.GetString(bytes),
            "uuid" => new Guid(bytes, bigEndian: true),
            "bytea" => bytes.ToArray(),
            "json" => JsonObjects.Parse(bytes, keepsAllNames: true).Value,
            "jsonb" => JsonObjects.Parse(bytes[1..], keepsAllNames: true).Value,
            _ => null,
        },
    };

    // As the driver reads it elsewhere: a Decimal if that holds every digit.
    private static object Number(object number) => number switch
    {
        BigInteger whole when whole <= (BigInteger)decimal.MaxValue && whole >= (BigInteger)decimal.MinValue => (decimal)whole,
        string text when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal exact)
            && exact.ToString(CultureInfo.InvariantCulture) == text => exact,
        _ => number,
    };

    // The number of fields; for each its type, its length and its bytes.
    private static PSObject? Composite(PostgresCompositeType type, ReadOnlySpan<byte> bytes)
    {
        var value = new PSObject();
        bytes = bytes[4..];
        foreach (PostgresCompositeType.Field field in type.Fields)
        {
            bytes = bytes[4..];
            object? one = null;
            if (Take(ref bytes, out ReadOnlySpan<byte> part) && (one = Read(field.Type, part)) is null)
            {
                return null;
            }

            value.Properties.Add(new PSNoteProperty(field.Name, one));
        }

        return value;
    }

    // The number of dimensions, whether there are nulls, the type; for each dimension its length and its lower bound; then the elements.
    private static object?[]? Array(PostgresType element, ReadOnlySpan<byte> bytes)
    {
        int dimensions = BinaryPrimitives.ReadInt32BigEndian(bytes);
        if (dimensions > 1)
        {
            return null;
        }

        object?[] elements = new object?[dimensions == 0 ? 0 : BinaryPrimitives.ReadInt32BigEndian(bytes[12..])];
        bytes = dimensions == 0 ? [] : bytes[20..];
        for (int i = 0; i < elements.Length; i++)
        {
            if (Take(ref bytes, out ReadOnlySpan<byte> one) && (elements[i] = Read(element, one)) is null)
            {
                return null;
            }
        }

        return elements;
    }

    private static string? Range(PostgresType subtype, ReadOnlySpan<byte> bytes)
    {
        byte flags = bytes[0];
        bytes = bytes[1..];
        if ((flags & Empty) != 0)
        {
            return "empty";
        }

        var text = new StringBuilder((flags & LowerInclusive) != 0 ? "[" : "(");
        if ((flags & LowerInfinite) == 0 && !Append(subtype, ref bytes, text))
        {
            return null;
        }

        text.Append(',');
        return (flags & UpperInfinite) == 0 && !Append(subtype, ref bytes, text)
            ? null
            : text.Append((flags & UpperInclusive) != 0 ? ']' : ')').ToString();
    }

    private static bool Append(PostgresType subtype, ref ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        Take(ref bytes, out ReadOnlySpan<byte> bound);
        if (Read(subtype, bound) is not { } value)
        {
            return false;
        }

        string shown = new PgText(new SessionZone("UTC")).Of(value, "");
        text.Append(shown.Contains(' ', StringComparison.Ordinal) ? $"\"{shown}\"" : shown);
        return true;
    }

    private static bool Take(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> value)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(bytes);
        value = length < 0 ? [] : bytes.Slice(4, length);
        bytes = bytes[(4 + Math.Max(0, length))..];
        return length >= 0;
    }
}
