using Npgsql;
using NpgsqlTypes;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>Values of .NET as parameters.</summary>
internal static class Parameters
{
    /// <summary>Makes a parameter.</summary>
    /// <param name="name">Its name, or null for a position.</param>
    /// <param name="value">Its value.</param>
    public static NpgsqlParameter Create(string? name, object? value) => value switch
    {
        // The server finds the type: so texts, as cells of a file are, will do for numbers, dates, enums, UUIDs and JSON.
        string text => new NpgsqlParameter { ParameterName = name, Value = text, NpgsqlDbType = NpgsqlDbType.Unknown },
        null => new NpgsqlParameter { ParameterName = name, Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown },
        _ => new NpgsqlParameter { ParameterName = name, Value = Convert(value) },
    };

    /// <summary>A value as the driver takes it.</summary>
    public static object Convert(object value) => value switch
    {
        char or Enum or Uri or Version => value.ToString()!,
        byte or sbyte or ushort => System.Convert.ToInt32(value, null),
        uint number => (long)number,
        ulong number => (decimal)number,

        // A time on the clock of this machine is a moment.
        DateTime { Kind: DateTimeKind.Local } time => time.ToUniversalTime(),
        DateTimeOffset time => time.ToUniversalTime(),
        byte[] => value,
        object?[] several => TypedArray(several),
        _ => value,
    };

    // Arrays of a script have elements of any type; those of a database have one.
    private static Array TypedArray(object?[] several)
    {
        object?[] elements = [.. several.Select(static e => ObjectValues.Unwrap(e) is { } element ? Convert(element) : null)];
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
