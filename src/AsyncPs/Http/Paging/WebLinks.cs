using System.Net.Http.Headers;

namespace AsyncPs.Http.Paging;

/// <summary>Reads Link headers (RFC 8288).</summary>
internal static class WebLinks
{
    /// <summary>The links by their relation, in any case; the first of a relation counts.</summary>
    /// <param name="headers">The headers of the response.</param>
    /// <param name="source">The URI of the response, to which relative links belong.</param>
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
            int open = text.IndexOf('<');
            int close = open < 0 ? -1 : text[open..].IndexOf('>');
            if (close < 0)
            {
                return;
            }

            string target = text[(open + 1)..(open + close)].Trim().ToString();
            text = text[(open + close + 1)..];
            string relations = "";
            while (TryTakeParameter(ref text, out ReadOnlySpan<char> name, out ReadOnlySpan<char> value))
            {
                if (relations.Length == 0 && name.Equals("rel", StringComparison.OrdinalIgnoreCase))
                {
                    relations = value.ToString();
                }
            }

            if (!Uri.TryCreate(source, target, out Uri? uri))
            {
                continue;
            }

            foreach (string relation in relations.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                links.TryAdd(relation, uri);
            }
        }
    }

    // Leaves the text at the comma before the next link.
    private static bool TryTakeParameter(ref ReadOnlySpan<char> text, out ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        name = value = default;
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
            int close = text[1..].IndexOf('"');
            value = close < 0 ? text[1..] : text[1..(close + 1)];
            text = close < 0 ? default : text[(close + 2)..];
            return true;
        }

        int stop = text.IndexOfAny(';', ',');
        value = (stop < 0 ? text : text[..stop]).Trim();
        text = stop < 0 ? default : text[stop..];
        return true;
    }
}
