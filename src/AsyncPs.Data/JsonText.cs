using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AsyncPs.Data;

/// <summary>PowerShell objects as JSON, for columns and parameters of it: what was read as objects, lists and values can be written back.</summary>
internal static class JsonText
{
    private const int MaximumDepth = 512;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaximumDepth, SkipValidation = true };

    /// <summary>A value in JSON; a text is JSON already.</summary>
    /// <exception cref="NotSupportedException">It is nested too deeply, perhaps in itself.</exception>
    public static string Of(object value)
    {
        if (value is string text)
        {
            return text;
        }

        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, Options))
        {
            Write(writer, value);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, object? wrapped)
    {
        if (writer.CurrentDepth >= MaximumDepth)
        {
            throw new NotSupportedException("It is nested too deeply for JSON.");
        }

        object? value = ObjectValues.Unwrap(wrapped);
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string or char or Guid or Uri or Version:
                writer.WriteStringValue(value.ToString());
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case float or double:
                WriteReal(writer, Convert.ToDouble(value, CultureInfo.InvariantCulture), (IFormattable)value);
                break;
            case Enum name:
                writer.WriteRawValue(name.ToString("D"), skipInputValidation: true);
                break;
            case BigInteger or decimal or sbyte or byte or short or ushort or int or uint or long or ulong:
                writer.WriteRawValue(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture), skipInputValidation: true);
                break;
            case DateTime time:
                writer.WriteStringValue(time.ToString("yyyy'-'MM'-'dd'T'HH':'mm':'ss.FFFFFFFK", CultureInfo.InvariantCulture));
                break;
            case DateTimeOffset time:
                writer.WriteStringValue(time.ToString("yyyy'-'MM'-'dd'T'HH':'mm':'ss.FFFFFFFzzz", CultureInfo.InvariantCulture));
                break;
            case IDictionary dictionary:
                WriteObject(writer, dictionary.Keys.Cast<object>().Select(key => (key.ToString()!, dictionary[key])));
                break;
            case PSObject custom:
                WriteObject(writer, custom.Properties.Select(static property => (property.Name, (object?)property.Value)));
                break;
            case byte[] bytes:
                writer.WriteBase64StringValue(bytes);
                break;
            case IEnumerable list:
                WriteList(writer, list);
                break;
            case IFormattable other:
                writer.WriteStringValue(other.ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                writer.WriteStringValue(value.ToString());
                break;
        }
    }

    // JSON has no word for what is no number.
    private static void WriteReal(Utf8JsonWriter writer, double number, IFormattable value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        if (!double.IsFinite(number))
        {
            writer.WriteStringValue(text);
            return;
        }

        // Read back, a number without a fraction would be a whole one.
        writer.WriteRawValue(text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text, skipInputValidation: true);
    }

    private static void WriteObject(Utf8JsonWriter writer, IEnumerable<(string Name, object? Value)> members)
    {
        writer.WriteStartObject();
        foreach ((string name, object? value) in members)
        {
            writer.WritePropertyName(name);
            Write(writer, value);
        }

        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, IEnumerable list)
    {
        writer.WriteStartArray();
        foreach (object? element in list)
        {
            Write(writer, element);
        }

        writer.WriteEndArray();
    }
}
