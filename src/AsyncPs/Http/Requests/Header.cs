using System.Buffers;
using System.Text;

namespace AsyncPs.Http.Requests;

/// <summary>A header of a request. Every header that is sent is checked here, so none can break out of its line.</summary>
internal readonly record struct Header
{
    /// <summary>The media type of a body.</summary>
    public const string ContentType = "Content-Type";

    /// <summary>The length of a body. It is computed from the body and never taken from the user.</summary>
    public const string ContentLength = "Content-Length";

    private const string TransferEncoding = "Transfer-Encoding";
    private const int ShownNameLength = 50;

    // RFC 9110, 5.6.2.
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // RFC 9110, 5.5: control characters other than the tab.
    private static readonly SearchValues<char> NotInValues =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Select(static c => (char)c).Where(static c => c != '\t'), '\x7F']);

    // These carry no credentials. Every other header of a user is only for the host it was meant for.
    private static readonly HashSet<string> Harmless = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept", "Accept-Charset", "Accept-Language", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language",
        ContentType,
        "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Pragma", "Range", "User-Agent",
    };

    // .NET keeps these headers with the body.
    private static readonly HashSet<string> OfContent = new(StringComparer.OrdinalIgnoreCase)
    {
        "Allow", "Content-Disposition", "Content-Encoding", "Content-Language", ContentLength, "Content-Location", "Content-MD5",
        "Content-Range",
        ContentType, "Expires", "Last-Modified",
    };

    /// <summary>Checks a name and a value.</summary>
    /// <exception cref="FormatException">A header can't have them. The message doesn't show the value, which may be a secret.</exception>
    public Header(string name, string value)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            throw new FormatException($"The name of the header '{Show(name)}' has characters that the name of a header can't have.");
        }

        if (value.AsSpan().ContainsAny(NotInValues))
        {
            throw new FormatException($"The value of the header '{Show(name)}' has a line break or another control character. Remove it.");
        }

        // With any other value, the server could see another end of the request than the client does.
        if (name.Equals(TransferEncoding, StringComparison.OrdinalIgnoreCase)
            && !value.Trim().Equals("chunked", StringComparison.OrdinalIgnoreCase))
        {
            throw new FormatException($"The header '{TransferEncoding}' can only be 'chunked'. Leave it out.");
        }

        (Name, Value) = (name, value);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The value.</summary>
    public string Value { get; }

    /// <summary>The value as it is sent, one character per byte: in UTF-8, as curl and aiohttp send it.</summary>
    public string WireValue => Ascii.IsValid(Value) ? Value : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(Value));

    /// <summary>Whether it belongs to a body.</summary>
    public bool IsOfContent => OfContent.Contains(Name);

    /// <summary>Whether the header may go to a host that the user did not name.</summary>
    public bool MayTravel => Harmless.Contains(Name);

    /// <summary>The cookies of a session as they are sent: bytes of a server are kept, other characters are sent in UTF-8.</summary>
    /// <exception cref="FormatException">A cookie has a control character.</exception>
    public static string CookieWireValue(string cookies)
    {
        string value = new Header("Cookie", cookies).Value;
        return value.AsSpan().ContainsAnyExceptInRange('\0', '\xFF')
            ? string.Concat(value.EnumerateRunes().Select(static rune
                => rune.Value <= 0xFF ? rune.ToString() : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(rune.ToString()))))
            : value;
    }

    /// <summary>Whether it has this name, in any letter case.</summary>
    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Only the name, because the value may be a secret.</summary>
    public override string ToString() => Name;

    // Up to the first invalid character: what follows may have been meant as a value.
    private static string Show(string name)
    {
        int end = name.AsSpan().IndexOfAny(NotInValues);
        name = end < 0 ? name : name[..end] + "...";
        return name.Length > ShownNameLength ? name[..ShownNameLength] + "..." : name;
    }
}
