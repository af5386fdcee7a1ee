using System.Text;
using AsyncPs.Http.Json;

namespace AsyncPs.Messaging;

/// <summary>Converts objects to message bodies and back.</summary>
internal static class MessageBodies
{
    private const string Json = "application/json";
    private const string Text = "text/plain";
    private const string Binary = "application/octet-stream";

    // The default depth of ConvertTo-Json.
    private static readonly JsonForm Form = JsonForm.RoundTrip with { ObjectDepth = 3 };

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>An object as a body: bytes and text unchanged, anything else as JSON.</summary>
    /// <param name="value">The object, with or without PowerShell's wrapper.</param>
    /// <param name="contentType">The media type of the body.</param>
    /// <exception cref="NotSupportedException">It is nested too deeply.</exception>
    public static ReadOnlyMemory<byte> Write(object? value, out string contentType)
    {
        switch (PSObjectExtensions.UnwrapUnlessCustom(value))
        {
            case byte[] bytes:
                contentType = Binary;
                return bytes;
            case string text:
                contentType = Text;
                return Utf8.GetBytes(text);
            case var other:
                contentType = Json;
                return ObjectJson.Utf8Of(other, Form);
        }
    }

    /// <summary>A body as an object.</summary>
    /// <param name="body">The body.</param>
    /// <param name="contentType">The sender's media type, or null.</param>
    /// <param name="format">The format to read.</param>
    /// <exception cref="FormatException">The body does not have the format.</exception>
    public static object? Read(byte[] body, string? contentType, BodyFormat format)
        => (format == BodyFormat.Auto ? FormatOf(contentType) : format) switch
    {
        BodyFormat.Json => ReadJson(body),
        BodyFormat.Text => ReadText(body),
        _ => body,
    };

    private static object? ReadJson(byte[] body)
    {
        JsonResult result = JsonObjects.Parse(body, keepsAllNames: true);
        return result.Elements ?? result.Value;
    }

    private static string ReadText(byte[] body)
    {
        try
        {
            return Utf8.GetString(body);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("It is not text in UTF-8.", e);
        }
    }

    private static BodyFormat FormatOf(string? contentType)
    {
        string kind = contentType?.Split(';')[0].Trim().ToLowerInvariant() ?? "";
        return kind == Json || kind.EndsWith("+json", StringComparison.Ordinal) ? BodyFormat.Json
            : kind.StartsWith("text/", StringComparison.Ordinal) ? BodyFormat.Text
            : BodyFormat.Bytes;
    }
}
