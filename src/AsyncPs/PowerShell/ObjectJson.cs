using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Management.Automation.Internal;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AsyncPs;

/// <summary>PowerShell objects as JSON, what was read as objects, lists and values can be written back.</summary>
internal static class ObjectJson
{
    private const int MaximumDepth = 512;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaximumDepth, SkipValidation = true };

    /// <summary>A value in JSON; a text is JSON already.</summary>
    /// <exception cref="NotSupportedException">It is nested too deeply, perhaps in itself.</exception>
    public static string Of(object value)
    {
        if (value is string text)
        {
            return text;
        }

        return Encoding.UTF8.GetString(Utf8Of(value).Span);
    }

    /// <summary>A value in JSON, in UTF-8; a text becomes one of JSON.</summary>
    /// <param name="value">The value.</param>
    /// <param name="objects">How many levels of objects of .NET are written by their properties; those below, and by default all, are
    /// written as text.</param>
    /// <exception cref="NotSupportedException">It is nested too deeply, perhaps in itself.</exception>
    public static ReadOnlyMemory<byte> Utf8Of(object? value, int objects = 0)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, Options))
        {
            Write(writer, value, objects);
        }

        return bytes.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, object? wrapped, int objects)
    {
        if (writer.CurrentDepth >= MaximumDepth)
        {
            throw new NotSupportedException("It is nested too deeply for JSON.");
        }

        object? value = PSObjectExtensions.UnwrapUnlessCustom(wrapped);
        switch (value)
        {
            case null or DBNull:
            case var nothing when nothing == AutomationNull.Value:
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
                WriteObject(writer, dictionary.Keys.Cast<object>().Select(key => (key.ToString()!, dictionary[key])), objects);
                break;
            case PSObject custom:
                WriteObject(writer, custom.Properties.Select(static property => (property.Name, (object?)property.Value)), objects);
                break;
            case byte[] bytes:
                writer.WriteBase64StringValue(bytes);
                break;
            case IEnumerable list:
                WriteList(writer, list, objects);
                break;
            case IFormattable other:
                writer.WriteStringValue(other.ToString(null, CultureInfo.InvariantCulture));
                break;
            case not (Type or Delegate) when objects > 0:
                WriteObject(writer, PSObject.AsPSObject(value).Properties.Select(static property => (property.Name, ValueOf(property))),
                    objects - 1);
                break;
            default:
                writer.WriteStringValue(value.ToString());
                break;
        }
    }

    // What cannot be read has no value.
    private static object? ValueOf(PSPropertyInfo property)
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

    private static void WriteObject(Utf8JsonWriter writer, IEnumerable<(string Name, object? Value)> members, int objects)
    {
        writer.WriteStartObject();
        foreach ((string name, object? value) in members)
        {
            writer.WritePropertyName(name);
            Write(writer, value, objects);
        }

        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, IEnumerable list, int objects)
    {
        writer.WriteStartArray();
        foreach (object? element in list)
        {
            Write(writer, element, objects);
        }

        writer.WriteEndArray();
    }
}
