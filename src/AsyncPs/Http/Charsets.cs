using System.Buffers;
using System.Net.Http.Headers;
using System.Text;

namespace AsyncPs.Http;

/// <summary>Detects the encoding of text.</summary>
internal static class Charsets
{
    // A page that states its charset does so near its beginning.
    private const int MetaSearch = 1024;

    private static readonly SearchValues<byte> MetaEnds = SearchValues.Create("\"'/> ;"u8);

    /// <summary>The encoding that a media type names, or the default if it names none or an unknown one.</summary>
    public static Encoding OfMediaType(string? mediaType, Encoding fallback)
        => mediaType is not null
            && MediaTypeHeaderValue.TryParse(mediaType, out MediaTypeHeaderValue? type)
            && type.CharSet is { Length: > 0 } name
            ? Find(name) ?? fallback
            : fallback;

    /// <summary>The encoding of a body: from its byte order mark, its media type, its meta tags if it is HTML, or UTF-8.</summary>
    /// <param name="body">The body, or its beginning.</param>
    /// <param name="mediaType">The Content-Type of the response, or null.</param>
    /// <param name="preamble">How many bytes of the body are a byte order mark.</param>
    public static Encoding Of(ReadOnlySpan<byte> body, string? mediaType, out int preamble)
    {
        (Encoding? marked, preamble) = body switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
            [0xFF, 0xFE, 0, 0, ..] => (Encoding.UTF32, 4),
            [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
            [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
            _ => (null, 0),
        };
        if (marked is not null)
        {
            return marked;
        }

        return MaySayItself(mediaType) ? OfMeta(body) : OfMediaType(mediaType, Encoding.UTF8);
    }

    /// <summary>Whether the encoding can be determined only when more of the body has arrived.</summary>
    /// <param name="start">What has arrived of the body.</param>
    /// <param name="mediaType">The Content-Type of the response, or null.</param>
    public static bool NeedsMore(ReadOnlySpan<byte> start, string? mediaType)
        => start is [0xEF] or [0xEF, 0xBB] or [0xFE] or [0xFF] or [0xFF, 0xFE] or [0xFF, 0xFE, 0]
            || (start.Length < MetaSearch && MaySayItself(mediaType) && !HasMeta(start));

    /// <summary>The text of a body.</summary>
    public static string Decode(ReadOnlySpan<byte> body, string? mediaType)
    {
        Encoding encoding = Of(body, mediaType, out int preamble);
        return encoding.GetString(body[preamble..]);
    }

    // A page without a charset in its media type may state one itself.
    private static bool MaySayItself(string? mediaType)
        => mediaType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true
            && !mediaType.Contains("charset", StringComparison.OrdinalIgnoreCase);

    private static bool HasMeta(ReadOnlySpan<byte> body)
        => body.IndexOf(MetaName) is >= 0 and int at && body[(at + MetaName.Length)..].TrimStart("\"' "u8).IndexOfAny(MetaEnds) > 0;

    private static ReadOnlySpan<byte> MetaName => "charset="u8;

    private static Encoding OfMeta(ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> start = body[..Math.Min(body.Length, MetaSearch)];
        int at = start.IndexOf(MetaName);
        if (at < 0)
        {
            return Encoding.UTF8;
        }

        ReadOnlySpan<byte> rest = start[(at + MetaName.Length)..].TrimStart("\"' "u8);
        int end = rest.IndexOfAny(MetaEnds);
        return end > 0 ? Find(Encoding.ASCII.GetString(rest[..end])) ?? Encoding.UTF8 : Encoding.UTF8;
    }

    /// <summary>The encoding of a name, or null.</summary>
    public static Encoding? Find(string name)
    {
        name = name.Trim('"', '\'', ' ');
        try
        {
            // Encodings of old pages, which .NET supports only on request.
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
