using System.Text;

namespace AsyncPs.Http.Responses;

/// <summary>Parses quoted strings of headers (RFC 9110, 5.6.4).</summary>
internal static class QuotedText
{
    /// <summary>Takes a quoted string from the beginning of a text.</summary>
    /// <param name="text">It begins with a quotation mark. Afterwards, it is the text after the closing one, or empty if there is
    /// none.</param>
    /// <returns>The string. A backslash escapes only quotation marks and backslashes, because Windows file names contain others.</returns>
    public static string Take(ref ReadOnlySpan<char> text)
    {
        var taken = new StringBuilder();
        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                text = text[(i + 1)..];
                return taken.ToString();
            }

            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is '"' or '\\')
            {
                i++;
            }

            taken.Append(text[i]);
        }

        text = default;
        return taken.ToString();
    }
}
