using System.Buffers;
using System.Collections;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace AsyncPs.Web.Answers;

/// <summary>Formats objects, one after another.</summary>
internal abstract class ObjectFormatter
{
    // A list within an object, or an object within it, stands in its cell or line as JSON.
    private static readonly JsonForm CellForm = JsonForm.ForClients with { Depth = 2 };

    /// <summary>Formats JSON: one object, or an array.</summary>
    public static readonly ObjectFormatter Json = new JsonFormatter();

    /// <summary>Formats lines of names and values.</summary>
    public static readonly ObjectFormatter Text = new TextFormatter();

    /// <summary>Formats a page with a table.</summary>
    public static readonly ObjectFormatter Html = new HtmlFormatter();

    /// <summary>The media type.</summary>
    public abstract string MediaType { get; }

    /// <summary>The formatter of a format.</summary>
    public static ObjectFormatter Of(AnswerFormat format) => format switch
    {
        AnswerFormat.Text => Text,
        AnswerFormat.Html => Html,
        _ => Json,
    };

    /// <summary>Formats a complete body: JSON as it is, otherwise object by object.</summary>
    public static byte[] FormatAll(object? body, AnswerShape shape)
    {
        var bytes = new ArrayBufferWriter<byte>();
        if (shape.Formatter == Json)
        {
            ObjectJson.Write(bytes, body, shape.Json);
            return bytes.WrittenSpan.ToArray();
        }

        object?[] all = PlainText.Unwrap(body) is object?[] several ? several : [body];
        for (int i = 0; i < all.Length; i++)
        {
            shape.Formatter.WriteObject(bytes, all[i], i + 1, shape);
        }

        shape.Formatter.WriteEnd(bytes, all.Length, shape);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Writes an object.</summary>
    /// <param name="bytes">The target.</param>
    /// <param name="value">The object.</param>
    /// <param name="index">Its number, from 1.</param>
    /// <param name="shape">The form.</param>
    public abstract void WriteObject(ArrayBufferWriter<byte> bytes, object? value, long index, AnswerShape shape);

    /// <summary>Writes the end after the last object, and removes what was not needed.</summary>
    public abstract void WriteEnd(ArrayBufferWriter<byte> bytes, long count, AnswerShape shape);

    private static List<KeyValuePair<string, object?>> Properties(object? value)
    {
        object? bare = PlainText.Unwrap(value);
        return bare switch
        {
            IDictionary table =>
            [
                .. table.Cast<DictionaryEntry>().Select(static entry => KeyValuePair.Create(PlainText.Of(entry.Key), entry.Value))
            ],
            null or string or ValueType or IEnumerable => [KeyValuePair.Create("Value", bare)],
            _ =>
            [
                .. PSObject.AsPSObject(value).Properties.Where(static property => property.IsGettable)
                .Select(static property => KeyValuePair.Create(property.Name, Read(property)))
            ],
        };
    }

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

    private static string CellOf(object? value)
    {
        object? bare = PlainText.Unwrap(value);
        if (bare is not (IEnumerable and not string or PSObject))
        {
            return PlainText.Of(value);
        }

        return Encoding.UTF8.GetString(ObjectJson.Utf8Of(value, CellForm).Span);
    }

    private static void Write(ArrayBufferWriter<byte> bytes, string text) => Encoding.UTF8.GetBytes(text, bytes);

    private sealed class JsonFormatter : ObjectFormatter
    {
        public override string MediaType => "application/json; charset=utf-8";

        // The second object shows whether it is an array. Until then, room for the bracket is kept and nothing is sent.
        public override void WriteObject(ArrayBufferWriter<byte> bytes, object? value, long index, AnswerShape shape)
        {
            switch (index)
            {
                case 1:
                    bytes.Write(shape.AsArray ? "["u8 : " "u8);
                    break;
                case 2 when !shape.AsArray:
                    MemoryMarshal.AsMemory(bytes.WrittenMemory).Span[0] = (byte)'[';
                    bytes.Write(","u8);
                    break;
                default:
                    bytes.Write(","u8);
                    break;
            }

            ObjectJson.Write(bytes, value, shape.Json);
        }

        public override void WriteEnd(ArrayBufferWriter<byte> bytes, long count, AnswerShape shape)
        {
            if (count > 1 || shape.AsArray)
            {
                bytes.Write("]"u8);
            }
        }
    }

    private sealed class TextFormatter : ObjectFormatter
    {
        public override string MediaType => "text/plain; charset=utf-8";

        public override void WriteObject(ArrayBufferWriter<byte> bytes, object? value, long index, AnswerShape shape)
        {
            if (index > 1)
            {
                bytes.Write("\n"u8);
            }

            foreach ((string name, object? content) in Properties(value))
            {
                Write(bytes, $"{name}: {CellOf(content)}\n");
            }
        }

        public override void WriteEnd(ArrayBufferWriter<byte> bytes, long count, AnswerShape shape)
        {
        }
    }

    private sealed class HtmlFormatter : ObjectFormatter
    {
        private const string Head = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>Answer</title>
            <style>
            body{font:14px system-ui,sans-serif;margin:2em}table{border-collapse:collapse}
            th,td{border:1px solid #bbb;padding:.3em .6em;text-align:left;vertical-align:top}
            </style>
            </head><body><table>

            """;

        public override string MediaType => "text/html; charset=utf-8";

        public override void WriteObject(ArrayBufferWriter<byte> bytes, object? value, long index, AnswerShape shape)
        {
            List<KeyValuePair<string, object?>> properties = Properties(value);
            if (index == 1)
            {
                Write(bytes, Head + Row("th", properties.Select(static property => property.Key)));
            }

            Write(bytes, Row("td", properties.Select(static property => CellOf(property.Value))));
        }

        public override void WriteEnd(ArrayBufferWriter<byte> bytes, long count, AnswerShape shape)
            => Write(bytes, "</table></body></html>\n");

        private static string Row(string cell, IEnumerable<string> texts)
            => $"<tr>{string.Concat(texts.Select(text => $"<{cell}>{WebUtility.HtmlEncode(text)}</{cell}>"))}</tr>\n";
    }
}
