using System.Collections.Specialized;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace AsyncPs.Http.Json;

/// <summary>A JSON value as PowerShell objects.</summary>
/// <param name="Value">The value: null, a string, number, date, Boolean, object or array.</param>
internal readonly record struct JsonResult(object? Value)
{
    /// <summary>The elements of an array, or null.</summary>
    public object?[]? Elements => Value as object?[];
}

/// <summary>
/// Converts JSON to PowerShell objects as ConvertFrom-Json does. Whole numbers become Int64 or BigInteger, other numbers Double, and
/// strings that are dates become dates. Of equal keys the last one counts; keys that differ only in case are an error.
/// </summary>
internal static class JsonObjects
{
    private const int MaximumDepth = 1024;
    private const int UsualProperties = 8;

    private static readonly JsonReaderOptions Options = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = MaximumDepth,
    };

    /// <summary>Parses JSON in UTF-8.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <param name="keepsAllNames">
    /// Whether an object whose names PowerShell cannot represent (an empty one, or two that differ only in case) becomes an ordered
    /// dictionary rather than an error.
    /// </param>
    /// <exception cref="FormatException">It is not JSON, or PowerShell cannot represent it.</exception>
    public static JsonResult Parse(ReadOnlySpan<byte> utf8, bool keepsAllNames = false)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, Options);
            reader.Read();
            object? value = Read(ref reader, keepsAllNames);
            reader.Read();
            return new JsonResult(value);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ExtendedTypeSystemException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static object? Read(ref Utf8JsonReader reader, bool keepsAllNames) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadObject(ref reader, keepsAllNames),
        JsonTokenType.StartArray => ReadArray(ref reader, keepsAllNames),
        JsonTokenType.String => ReadText(ref reader),
        JsonTokenType.Number => ReadNumber(ref reader),
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => null,
    };

    private static object ReadObject(ref Utf8JsonReader reader, bool keepsAllNames)
    {
        PSObject result = EngineInternals.NewObject(UsualProperties);
        PSMemberInfoCollection<PSPropertyInfo> properties = result.Properties;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string name = reader.GetString()!;
            reader.Read();
            object? value = Read(ref reader, keepsAllNames);
            PSPropertyInfo? known = name.Length == 0 ? null : properties[name];
            if (keepsAllNames && (name.Length == 0 || (known is not null && known.Name != name)))
            {
                return ReadDictionary(ref reader, properties, name, value);
            }

            if (name.Length == 0)
            {
                throw new FormatException("It has a property whose name is empty, which no object can have.");
            }

            if (known is null)
            {
                // Only reserved names of the engine, such as psobject, need validation.
                properties.Add(new PSNoteProperty(name, value), preValidated: !name.StartsWith("ps", StringComparison.OrdinalIgnoreCase));
            }
            else if (known.Name == name)
            {
                known.Value = value;
            }
            else
            {
                throw new FormatException($"It has the properties '{known.Name}' and '{name}', which differ only in case.");
            }
        }

        return result;
    }

    // The members read so far, the one that cannot be a property, and the rest.
    private static OrderedDictionary ReadDictionary(ref Utf8JsonReader reader, IEnumerable<PSPropertyInfo> read, string name, object? value)
    {
        OrderedDictionary result = new(StringComparer.Ordinal);
        foreach (PSPropertyInfo property in read)
        {
            result[property.Name] = property.Value;
        }

        result[name] = value;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            name = reader.GetString()!;
            reader.Read();
            result[name] = Read(ref reader, keepsAllNames: true);
        }

        return result;
    }

    private static object?[] ReadArray(ref Utf8JsonReader reader, bool keepsAllNames)
    {
        var elements = new List<object?>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            elements.Add(Read(ref reader, keepsAllNames));
        }

        return [.. elements];
    }

    private static object ReadText(ref Utf8JsonReader reader)
    {
        string text = reader.GetString()!;
        return JsonDates.TryParse(text, out DateTime date) ? date : text;
    }

    private static object ReadNumber(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out long number))
        {
            return number;
        }

        return reader.ValueSpan.IndexOfAny((byte)'.', (byte)'e', (byte)'E') >= 0
            ? reader.GetDouble()
            : BigInteger.Parse(Encoding.ASCII.GetString(reader.ValueSpan), CultureInfo.InvariantCulture);
    }
}
