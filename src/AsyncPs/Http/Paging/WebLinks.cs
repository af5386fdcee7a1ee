using System.Net.Http.Headers;
using AsyncPs.Http.Responses;

namespace AsyncPs.Http.Paging;

/// <summary>Parses Link headers (RFC 8288).</summary>
internal static class WebLinks
{
    /// <summary>The links by relation, in any letter case; the first link of a relation counts.</summary>
    /// <param name="headers">The headers of the response.</param>
    /// <param name="source">The URI of the response, to which links may be relative.</param>
    public static Dictionary<string, Uri> Parse(HttpResponseHeaders headers, Uri source)
    {
        var links = new Dictionary<string, Uri>(StringComparer.OrdinalIgnoreCase);
        if (headers.NonValidated.TryGetValues("Link", out HeaderStringValues values))
        {
            foreach (string value in values)
            {
                Parse(value, source, links);
            }
        }

        return links;
    }

    private static void Parse(ReadOnlySpan<char> text, Uri source, Dictionary<string, Uri> links)
    {
        while (true)
        {
            text = text.TrimStart(", \t");
            int close = text is ['<', ..] ? text.IndexOf('>') : -1;
            if (close < 0)
            {
                // Text that is not a link is skipped.
                if (!TrySkipToNext(ref text))
                {
                    return;
                }

                continue;
            }

            string target = text[1..close].Trim().ToString();
            text = text[(close + 1)..];
            string relations = "";
            while (TryTakeParameter(ref text, out ReadOnlySpan<char> name, out string value))
            {
                if (relations.Length == 0 && name.Equals("rel", StringComparison.OrdinalIgnoreCase))
                {
                    relations = value;
                }
            }

            if (Uri.TryCreate(source, target, out Uri? uri))
            {
                foreach (string relation in relations.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    links.TryAdd(relation, uri);
                }
            }

            if (!TrySkipToNext(ref text))
            {
                return;
            }
        }
    }

    // Skips to the next comma outside quotation marks, even if the quoted text looks like a link.
    private static bool TrySkipToNext(ref ReadOnlySpan<char> text)
    {
        while (text.IndexOfAny(',', '"') is >= 0 and int at)
        {
            text = text[at..];
            if (text[0] == ',')
            {
                text = text[1..];
                return true;
            }

            QuotedText.Take(ref text);
        }

        return false;
    }

    // Leaves the text at the comma before the next link.
    private static bool TryTakeParameter(ref ReadOnlySpan<char> text, out ReadOnlySpan<char> name, out string value)
    {
        name = default;
        value = "";
        text = text.TrimStart();
        if (text is not [';', ..])
        {
            return false;
        }

        text = text[1..].TrimStart();
        int end = text.IndexOfAny('=', ';', ',');
        if (end < 0 || text[end] != '=')
        {
            name = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[end..];
            return true;
        }

        name = text[..end].Trim();
        text = text[(end + 1)..].TrimStart();
        if (text is ['"', ..])
        {
            value = QuotedText.Take(ref text);
            return true;
        }

        int stop = text.IndexOfAny(';', ',');
        value = (stop < 0 ? text : text[..stop]).Trim().ToString();
        text = stop < 0 ? default : text[stop..];
        return true;
    }
}
