using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace AsyncPs;

/// <summary>Writes PowerShell objects as JSON: properties as PowerShell and .NET show them, times in ISO 8601, bytes in base64.</summary>
internal static class ObjectJson
{
    [ThreadStatic]
    private static (Utf8JsonWriter Writer, JsonForm Form)? _spare;

    /// <summary>A value as JSON. A string is taken as JSON already.</summary>
    /// <exception cref="NotSupportedException">It is nested too deeply, or contains itself.</exception>
    public static string Of(object value) => value is string text ? text : Encoding.UTF8.GetString(Utf8Of(value, JsonForm.RoundTrip).Span);

    /// <summary>A value as JSON in UTF-8. A string becomes a JSON string.</summary>
    /// <exception cref="NotSupportedException">It is nested too deeply, or contains itself.</exception>
    public static ReadOnlyMemory<byte> Utf8Of(object? value, JsonForm form)
    {
        var bytes = new ArrayBufferWriter<byte>();
        Write(bytes, value, form);
        return bytes.WrittenMemory;
    }

    /// <summary>Writes a value as JSON.</summary>
    /// <param name="output">Receives the bytes.</param>
    /// <param name="value">The value.</param>
    /// <param name="form">The form of the JSON.</param>
    /// <exception cref="NotSupportedException">It is nested too deeply, or contains itself.</exception>
    public static void Write(IBufferWriter<byte> output, object? value, JsonForm form)
    {
        // A script property may write JSON too. It then finds no spare writer, and creates one.
        (Utf8JsonWriter Writer, JsonForm Form)? spare = _spare;
        _spare = null;
        Utf8JsonWriter writer;
        if (spare is { } there && there.Form.Options.Encoder == form.Options.Encoder)
        {
            writer = there.Writer;
            writer.Reset(output);
        }
        else
        {
            writer = new Utf8JsonWriter(output, form.Options);
        }

        Write(writer, value, form, form.Depth, form.ObjectDepth);
        writer.Flush();
        writer.Reset(Stream.Null);
        _spare = (writer, form);
    }

    private static void Write(Utf8JsonWriter writer, object? wrapped, JsonForm form, int depth, int objects)
    {
        object? value = PlainText.Unwrap(wrapped);
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else if (!TryWriteNumber(writer, value, form) && !TryWriteText(writer, value))
        {
            if (depth > 0)
            {
                WriteComposite(writer, value, form, depth - 1, objects);
            }
            else if (form.IsWhole)
            {
                throw new NotSupportedException("It is nested too deeply for JSON.");
            }
            else
            {
                writer.WriteStringValue(PlainText.Of(value));
            }
        }
    }

    private static bool TryWriteNumber(Utf8JsonWriter writer, object value, JsonForm form)
    {
        switch (value)
        {
            case int number:
                writer.WriteNumberValue(number);
                return true;
            case long number:
                writer.WriteNumberValue(number);
                return true;
            case bool truth:
                writer.WriteBooleanValue(truth);
                return true;
            case SwitchParameter flag:
                writer.WriteBooleanValue(flag);
                return true;
            case decimal number:
                writer.WriteNumberValue(number);
                return true;
            case float or double:
                WriteReal(writer, Convert.ToDouble(value, CultureInfo.InvariantCulture), (IFormattable)value, form);
                return true;
            case Enum name when !form.NamesEnumerations:
                writer.WriteRawValue(name.ToString("D"), skipInputValidation: true);
                return true;
            case sbyte or byte or short or ushort or uint or ulong or BigInteger:
                writer.WriteRawValue(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture), skipInputValidation: true);
                return true;
            default:
                return false;
        }
    }

    // JSON has no form for infinity and NaN.
    private static void WriteReal(Utf8JsonWriter writer, double number, IFormattable value, JsonForm form)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        if (!double.IsFinite(number))
        {
            writer.WriteStringValue(text);
            return;
        }

        // Without a fraction, the number would be read back as an integer.
        bool isWhole = form.KeepsReals && text.AsSpan().IndexOfAny('.', 'E') < 0;
        writer.WriteRawValue(isWhole ? text + ".0" : text, skipInputValidation: true);
    }

    private static bool TryWriteText(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case string text:
                writer.WriteStringValue(text);
                return true;
            case byte[] bytes:
                writer.WriteBase64StringValue(bytes);
                return true;
            case System.Xml.XmlNode xml:
                writer.WriteStringValue(xml.OuterXml);
                return true;
            case IFormattable and not PSObject:
            case char or Uri or Version or Type or Delegate or ScriptBlock or CultureInfo or System.Net.IPAddress:
                writer.WriteStringValue(PlainText.Of(value));
                return true;
            default:
                return false;
        }
    }

    private static void WriteComposite(Utf8JsonWriter writer, object value, JsonForm form, int depth, int objects)
    {
        switch (value)
        {
            case IDictionary dictionary:
                writer.WriteStartObject();
                foreach (DictionaryEntry entry in dictionary)
                {
                    writer.WritePropertyName(PlainText.Of(entry.Key));
                    Write(writer, entry.Value, form, depth, objects);
                }

                writer.WriteEndObject();
                break;
            case PSObject custom:
                WriteProperties(writer, custom, form, depth, objects);
                break;
            case IEnumerable list:
                writer.WriteStartArray();
                foreach (object? element in list)
                {
                    Write(writer, element, form, depth, objects);
                }

                writer.WriteEndArray();
                break;
            case var _ when objects > 0:
                WriteProperties(writer, PSObject.AsPSObject(value), form, depth, objects - 1);
                break;
            default:
                writer.WriteStringValue(PlainText.Of(value));
                break;
        }
    }

    private static void WriteProperties(Utf8JsonWriter writer, PSObject value, JsonForm form, int depth, int objects)
    {
        writer.WriteStartObject();
        foreach (PSPropertyInfo property in value.Properties)
        {
            if (property.IsGettable)
            {
                writer.WritePropertyName(property.Name);
                Write(writer, ValueOf(property), form, depth, objects);
            }
        }

        writer.WriteEndObject();
    }

    // An unreadable property has no value, as with ConvertTo-Json.
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
}

/// <summary>The form of objects in JSON.</summary>
internal sealed record JsonForm
{
    private const int MaximumDepth = 512;

    /// <summary>How text is escaped.</summary>
    public required JsonWriterOptions Options { get; init; }

    /// <summary>How many levels of objects and lists are written. Deeper ones are text, or an error.</summary>
    public int Depth { get; init; } = MaximumDepth;

    /// <summary>How many levels of .NET objects are written by their properties. Deeper ones are text.</summary>
    public int ObjectDepth { get; init; } = int.MaxValue;

    /// <summary>Whether an object that is too deep is an error.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Whether enum values are written by name.</summary>
    public bool NamesEnumerations { get; init; }

    /// <summary>Whether a number of a type with fractions is always written with one.</summary>
    public bool KeepsReals { get; init; }

    /// <summary>For JSON that is read back as objects, lists and values of the same kinds. .NET objects are text.</summary>
    public static JsonForm RoundTrip { get; } = new()
    {
        Options = Relaxed(JavaScriptEncoder.UnsafeRelaxedJsonEscaping), ObjectDepth = 0, IsWhole = true, KeepsReals = true,
    };

    /// <summary>For clients of any kind. Escapes characters that could end a script of a page with the text in it.</summary>
    public static JsonForm ForClients { get; } = new()
    {
        Options = Relaxed(JavaScriptEncoder.Create(UnicodeRanges.All)), NamesEnumerations = true,
    };

    private static JsonWriterOptions Relaxed(JavaScriptEncoder encoder)
        => new() { Encoder = encoder, MaxDepth = MaximumDepth + 2, SkipValidation = true };
}
