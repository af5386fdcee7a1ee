using System.Collections;
using System.Globalization;
using System.Management.Automation.Internal;
using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace AsyncPs.Web.Answers;

/// <summary>
/// Objects as JSON for clients of any kind: what .NET and PowerShell show of an object as properties, down to a depth; members of
/// enumerations by their names; times as ISO 8601 writes them; bytes in base64.
/// </summary>
internal static class JsonText
{
    /// <summary>Escapes what could end a script of a page that the text stands in.</summary>
    public static readonly JsonWriterOptions Options =
        new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All), SkipValidation = true, MaxDepth = 1000 };

    /// <summary>Writes an object.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="value">The object.</param>
    /// <param name="depth">How many levels of objects and lists are shown; what lies deeper is text.</param>
    public static void Write(Utf8JsonWriter writer, object? value, int depth)
    {
        object? bare = Unwrap(value);
        if (bare is null)
        {
            writer.WriteNullValue();
        }
        else if (!TryWritePlain(writer, bare))
        {
            WriteComposite(writer, bare, value, depth);
        }
    }

    /// <summary>An object without what PowerShell has put around it; null for nothing.</summary>
    public static object? Unwrap(object? value)
    {
        object? bare = PSObjectExtensions.UnwrapUnlessCustom(value);
        return bare is DBNull || bare == AutomationNull.Value ? null : bare;
    }

    /// <summary>An object as one text, the same in every culture.</summary>
    public static string TextOf(object? value) => Unwrap(value) switch
    {
        null => "",
        string text => text,
        DateTime or DateTimeOffset or DateOnly or TimeOnly => TimeOf(Unwrap(value)!),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        var other => other.ToString() ?? "",
    };

    private static bool TryWritePlain(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case string text:
                writer.WriteStringValue(text);
                return true;
            case bool truth:
                writer.WriteBooleanValue(truth);
                return true;
            case SwitchParameter flag:
                writer.WriteBooleanValue(flag);
                return true;
            case int number:
                writer.WriteNumberValue(number);
                return true;
            case long number:
                writer.WriteNumberValue(number);
                return true;
            case double number when double.IsFinite(number):
                writer.WriteNumberValue(number);
                return true;
            case float number when float.IsFinite(number):
                writer.WriteNumberValue(number);
                return true;
            case decimal number:
                writer.WriteNumberValue(number);
                return true;
            case sbyte or byte or short or ushort or uint or ulong or BigInteger:
                writer.WriteRawValue(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture), skipInputValidation: true);
                return true;
            case DateTime or DateTimeOffset or DateOnly or TimeOnly:
                writer.WriteStringValue(TimeOf(value));
                return true;
            case byte[] bytes:
                writer.WriteBase64StringValue(bytes);
                return true;
            case Enum or char or Guid or Uri or Version or TimeSpan or Type or ScriptBlock or CultureInfo:
            case System.Net.IPAddress or float or double:
                writer.WriteStringValue(TextOf(value));
                return true;
            default:
                return false;
        }
    }

    private static string TimeOf(object value) => value switch
    {
        DateTime time => time.ToString("yyyy'-'MM'-'dd'T'HH':'mm':'ss.FFFFFFFK", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("yyyy'-'MM'-'dd'T'HH':'mm':'ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
        _ => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
    };

    private static void WriteComposite(Utf8JsonWriter writer, object bare, object? wrapped, int depth)
    {
        if (depth <= 0)
        {
            writer.WriteStringValue(TextOf(bare));
        }
        else if (bare is IDictionary dictionary)
        {
            writer.WriteStartObject();
            foreach (DictionaryEntry entry in dictionary)
            {
                writer.WritePropertyName(TextOf(entry.Key));
                Write(writer, entry.Value, depth - 1);
            }

            writer.WriteEndObject();
        }
        else if (bare is IEnumerable list and not System.Xml.XmlNode)
        {
            writer.WriteStartArray();
            foreach (object? element in list)
            {
                Write(writer, element, depth - 1);
            }

            writer.WriteEndArray();
        }
        else if (bare is System.Xml.XmlNode xml)
        {
            writer.WriteStringValue(xml.OuterXml);
        }
        else
        {
            writer.WriteStartObject();
            foreach (PSPropertyInfo property in PSObject.AsPSObject(wrapped).Properties)
            {
                if (property.IsGettable)
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, Read(property), depth - 1);
                }
            }

            writer.WriteEndObject();
        }
    }

    // A property that cannot be read has no value, as with ConvertTo-Json.
    private static object? Read(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (GetValueException)
        {
            return null;
        }
    }
}
