using System.Net.Http.Headers;
using System.Text;
using AsyncPs.Http.Responses;

namespace AsyncPs.Http.Files;

/// <summary>Reads the file name of a Content-Disposition (RFC 6266) as leniently as browsers do.</summary>
internal static class StatedName
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The file name, or null.</summary>
    public static string? Of(HttpContentHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues("Content-Disposition", out HeaderStringValues values))
        {
            return null;
        }

        string? plain = null;
        ReadOnlySpan<char> rest = values.ToString();
        while (TryTakeParameter(ref rest, out string name, out string value))
        {
            if (name.Equals("filename*", StringComparison.OrdinalIgnoreCase) && Extended(value) is { Length: > 0 } extended)
            {
                // The extended name wins; the other one is for clients that do not know it.
                return extended;
            }

            if (name.Equals("filename", StringComparison.OrdinalIgnoreCase))
            {
                plain ??= Decode(value);
            }
        }

        return string.IsNullOrWhiteSpace(plain) ? null : plain;
    }

    private static bool TryTakeParameter(ref ReadOnlySpan<char> text, out string name, out string value)
    {
        name = value = "";
        text = text.TrimStart("; \t");
        if (text.IsEmpty)
        {
            return false;
        }

        int end = text.IndexOfAny('=', ';');
        if (end < 0 || text[end] == ';')
        {
            // The type, or a parameter without a value.
            text = end < 0 ? default : text[end..];
            return true;
        }

        name = text[..end].Trim().ToString();
        text = text[(end + 1)..].TrimStart();
        if (text is ['"', ..])
        {
            value = QuotedText.Take(ref text);
            return true;
        }

        end = text.IndexOf(';');
        value = (end < 0 ? text : text[..end]).TrimEnd().ToString();
        text = end < 0 ? default : text[end..];
        return true;
    }

    // charset'language'value, percent-encoded (RFC 8187).
    private static string? Extended(string value)
    {
        string[] parts = value.Split('\'', 3);
        if (parts.Length < 3 || Charsets.Find(parts[0]) is not { } encoding)
        {
            return null;
        }

        byte[] bytes = new byte[parts[2].Length];
        int count = 0;
        for (int i = 0; i < parts[2].Length; count++)
        {
            // HexUnescape advances the index, past an escaped byte or a character.
            bytes[count] = (byte)Uri.HexUnescape(parts[2], ref i);
        }

        return encoding.GetString(bytes, 0, count);
    }

    private static string Decode(string value)
    {
        if (value.StartsWith("=?", StringComparison.Ordinal))
        {
            // Encoded as in mail, which .NET can decode.
            var header = new ContentDispositionHeaderValue("attachment");
            header.Parameters.Add(new NameValueHeaderValue("filename", $"\"{value}\""));
            return header.FileName!.Trim('"');
        }

        try
        {
            return StrictUtf8.GetString(Encoding.Latin1.GetBytes(value));
        }
        catch (DecoderFallbackException)
        {
            return value;
        }
    }
}
