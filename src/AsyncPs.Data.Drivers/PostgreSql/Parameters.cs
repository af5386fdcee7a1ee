using System.Collections;
using System.Management.Automation;
using Npgsql;
using NpgsqlTypes;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>Creates parameters from .NET values.</summary>
internal static class Parameters
{
    /// <summary>Creates a parameter.</summary>
    /// <param name="name">Its name, or null for a positional one.</param>
    /// <param name="value">Its value.</param>
    /// <param name="type">Its type according to the server, or null.</param>
    /// <param name="zone">The time zone of the session.</param>
    public static NpgsqlParameter Create(string? name, object? value, string? type, Func<SessionZone> zone) => value switch
    {
        // The server infers the type, so strings such as the cells of a file work for numbers, dates, enums, UUIDs and JSON.
        string text => AsText(name, text),
        null => AsText(name, DBNull.Value),
        _ when IsJson(value, type) => AsText(name, ObjectJson.Of(value)),
        _ when type?.EndsWith("[]", StringComparison.Ordinal) == true && PgText.IsUntyped(value)
            => AsText(name, new PgText(zone()).Of(value, type)),
        _ => new NpgsqlParameter { ParameterName = name, Value = Convert(value) },
    };

    /// <summary>Whether only the query can tell the type of a value.</summary>
    public static bool NeedsType(object? value) => value is not null and not string && (IsObject(value) || PgText.IsUntyped(value));

    /// <summary>A value in the form that the driver takes.</summary>
    public static object Convert(object value) => value switch
    {
        char or Enum or Uri or Version => value.ToString()!,
        byte or sbyte or ushort => System.Convert.ToInt32(value, null),
        uint number => (long)number,
        ulong number => (decimal)number,

        // A local time of this machine is a point in time.
        DateTime { Kind: DateTimeKind.Local } time => time.ToUniversalTime(),
        DateTimeOffset time => time.ToUniversalTime(),
        _ when PgText.IsUntyped(value) => TypedArray(PgText.Elements(value)!),
        _ => value,
    };

    private static bool IsObject(object value) => value is IDictionary or PSObject;

    private static bool IsJson(object value, string? type) => type is "json" or "jsonb" ? NeedsType(value) : IsObject(value);

    private static NpgsqlParameter AsText(string? name, object text)
        => new() { ParameterName = name, Value = text, NpgsqlDbType = NpgsqlDbType.Unknown };

    // Arrays of a script have elements of any type; those of a database have one type.
    private static Array TypedArray(IEnumerable several)
    {
        object?[] elements = [.. several
            .Cast<object?>()
            .Select(static e => PlainText.Unwrap(e) is { } element ? Convert(element) : null)];
        Type[] types = [.. elements.OfType<object>().Select(static e => e.GetType()).Distinct()];
        Type type = types.Length switch
        {
            0 => typeof(string),
            1 => types[0],
            _ when Array.TrueForAll(types, static t => t == typeof(int) || t == typeof(long) || t == typeof(short)) => typeof(long),
            _ when Array.TrueForAll(types, static t => t.IsPrimitive || t == typeof(decimal)) => typeof(decimal),
            _ => throw new NotSupportedException(),
        };
        bool hasNull = Array.IndexOf(elements, null) >= 0;
        Array array = Array.CreateInstance(hasNull && type.IsValueType ? typeof(Nullable<>).MakeGenericType(type) : type, elements.Length);
        for (int i = 0; i < elements.Length; i++)
        {
            if (elements[i] is { } element)
            {
                array.SetValue(element.GetType() == type ? element : System.Convert.ChangeType(element, type, null), i);
            }
        }

        return array;
    }
}
