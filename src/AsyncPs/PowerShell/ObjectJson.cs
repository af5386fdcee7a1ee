using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace AsyncPs;

/// <summary>PowerShell objects as JSON: properties as PowerShell and .NET show them, times as ISO 8601 has them, bytes in base64.</summary>
internal static class ObjectJson
{
    [ThreadStatic]
    private static (Utf8JsonWriter Writer, JsonForm Form)? _spare;

    /// <summary>A value in JSON; a text is JSON already.</summary>
    /// <exception cref="NotSupportedException">It is nested too deeply, perhaps in itself.</exception>
    public static string Of(object value) => value is string text ? text : Encoding.UTF8.GetString(Utf8Of(value, JsonForm.RoundTrip).Span);

    /// <summary>A value in JSON, in UTF-8; a text becomes one of JSON.</summary>
    /// <exception cref="NotSupportedException">It is nested too deeply, perhaps in itself.</exception>
    public static ReadOnlyMemory<byte> Utf8Of(object? value, JsonForm form)
    {
        var bytes = new ArrayBufferWriter<byte>();
        Write(bytes, value, form);
        return bytes.WrittenMemory;
    }

    /// <summary>Writes a value in JSON.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="value">The value.</param>
    /// <param name="form">The form that it has.</param>
    /// <exception cref="NotSupportedException">It is nested too deeply, perhaps in itself.</exception>
    public static void Write(IBufferWriter<byte> output, object? value, JsonForm form)
    {
        // A property that is a script may write JSON too: then this thread has no writer to spare.
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

    // JSON has no word for what is not a number.
    private static void WriteReal(Utf8JsonWriter writer, double number, IFormattable value, JsonForm form)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        if (!double.IsFinite(number))
        {
            writer.WriteStringValue(text);
            return;
        }

        // Read back, a number without a fraction would be a whole one.
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

    // A property that cannot be read has no value, as with ConvertTo-Json.
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

/// <summary>The form that objects have in JSON.</summary>
internal sealed record JsonForm
{
    private const int MaximumDepth = 512;

    /// <summary>How text is escaped.</summary>
    public required JsonWriterOptions Options { get; init; }

    /// <summary>How many levels of objects and lists are written. What lies deeper is text, or an error.</summary>
    public int Depth { get; init; } = MaximumDepth;

    /// <summary>How many levels of objects of .NET are written by their properties. What lies deeper is text.</summary>
    public int ObjectDepth { get; init; } = int.MaxValue;

    /// <summary>Whether an object that is too deep is an error.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Whether members of enumerations are written by their names.</summary>
    public bool NamesEnumerations { get; init; }

    /// <summary>Whether a number that can have a fraction is written with one.</summary>
    public bool KeepsReals { get; init; }

    /// <summary>For what is read again as objects, lists and values of the same kinds. Objects of .NET are text.</summary>
    public static JsonForm RoundTrip { get; } = new()
    {
        Options = Relaxed(JavaScriptEncoder.UnsafeRelaxedJsonEscaping), ObjectDepth = 0, IsWhole = true, KeepsReals = true,
    };

    /// <summary>For clients of any kind. It escapes what could end a script of a page that the text stands in.</summary>
    public static JsonForm ForClients { get; } = new()
    {
        Options = Relaxed(JavaScriptEncoder.Create(UnicodeRanges.All)), NamesEnumerations = true,
    };

    private static JsonWriterOptions Relaxed(JavaScriptEncoder encoder)
        => new() { Encoder = encoder, MaxDepth = MaximumDepth + 2, SkipValidation = true };
}
