using System.Buffers;
using System.Globalization;
using System.Text;

namespace AsyncPs.Web.Answers;

/// <summary>Writes the objects of a stream as lines of JSON, or as server-sent events.</summary>
internal static class StreamFormat
{
    /// <summary>Writes an object.</summary>
    public static void Write(ArrayBufferWriter<byte> bytes, object? value, AnswerShape shape)
    {
        if (shape.Stream == StreamShape.Events)
        {
            WriteEvent(bytes, value, shape.Json);
        }
        else
        {
            object? data = PlainText.Unwrap(value) is StreamEvent { Data: var inner } ? inner : value;
            ObjectJson.Write(bytes, data, shape.Json);
            bytes.Write("\n"u8);
        }
    }

    private static void WriteEvent(ArrayBufferWriter<byte> bytes, object? value, JsonForm form)
    {
        object? data = value;
        if (PlainText.Unwrap(value) is StreamEvent own)
        {
            data = own.Data;
            WriteField(bytes, "event", own.Event);
            WriteField(bytes, "id", own.Id);
            WriteField(bytes, "retry", own.Retry is { } seconds ? ((long)(seconds * 1000)).ToString(CultureInfo.InvariantCulture) : null);
        }

        if (PlainText.Unwrap(data) is string text)
        {
            foreach (string line in text.ReplaceLineEndings("\n").Split('\n'))
            {
                Encoding.UTF8.GetBytes($"data: {line}\n", bytes);
            }
        }
        else
        {
            bytes.Write("data: "u8);
            ObjectJson.Write(bytes, data, form);
            bytes.Write("\n"u8);
        }

        bytes.Write("\n"u8);
    }

    // A line break would begin another field.
    private static void WriteField(ArrayBufferWriter<byte> bytes, string name, string? value)
    {
        if (value is not null)
        {
            Encoding.UTF8.GetBytes($"{name}: {value.ReplaceLineEndings(" ")}\n", bytes);
        }
    }
}
