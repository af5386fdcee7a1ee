using System.Net.Http.Headers;
using System.Text;

namespace AsyncPs.Http.Files;

/// <summary>Makes file names from the text of a server or a URI: names that every system accepts, and that lead nowhere else.</summary>
internal static class SafeNames
{
    private const string Default = "index";
    private const int MaximumLength = 150;
    private static readonly char[] Separators = ['/', '\\'];
    private static readonly HashSet<string> Devices = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON", "PRN", "AUX", "NUL",
        "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    };

    /// <summary>The file name in a response (RFC 6266), or else the one in its URI.</summary>
    public static string Of(HttpContentHeaders headers, Uri uri) => StatedName.Of(headers) is { } stated ? Clean(stated) : Of(uri);

    /// <summary>The file name in the last segment of a URI.</summary>
    public static string Of(Uri uri) => Clean(Uri.UnescapeDataString(uri.Segments[^1]));

    private static string Clean(string name)
    {
        name = name.TrimEnd(Separators);
        name = name[(name.LastIndexOfAny(Separators) + 1)..];
        var clean = new StringBuilder(name.Length);
        foreach (Rune rune in name.EnumerateRunes())
        {
            bool harmless = !Rune.IsControl(rune) && !"<>:\"|?*".Contains(rune.ToString(), StringComparison.Ordinal);
            clean.Append(harmless ? rune.ToString() : "_");
        }

        // A leading dot would hide the file, and some systems drop dots and spaces at the end.
        name = clean.ToString().Trim().TrimStart('.').TrimEnd('.', ' ');
        name = Shorten(name);
        return name.Length == 0 ? Default : Devices.Contains(Path.GetFileNameWithoutExtension(name)) ? "_" + name : name;
    }

    private static string Shorten(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= MaximumLength)
        {
            return name;
        }

        string extension = Path.GetExtension(name) is { Length: <= 10 } short_ ? short_ : "";
        string stem = name[..^extension.Length];
        while (Encoding.UTF8.GetByteCount(stem) > MaximumLength - extension.Length)
        {
            stem = stem[..^(char.IsLowSurrogate(stem[^1]) ? 2 : 1)];
        }

        return stem + extension;
    }
}
