using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace AsyncPs.Http.Files;

/// <summary>What identifies a version of a server's content.</summary>
/// <param name="Validator">A hash of its strong ETag or its Last-Modified (RFC 9110, 8.8); null if it has neither.</param>
/// <param name="Total">The size of the whole content; null if unknown.</param>
internal readonly record struct ContentVersion(string? Validator, long? Total)
{
    private const string NoValidator = "0";

    /// <summary>The version of the content of a response.</summary>
    public static ContentVersion Of(HttpResponseMessage response)
    {
        HttpHeadersNonValidated content = response.Content.Headers.NonValidated;
        string? validator = response.Headers.NonValidated.TryGetValues("ETag", out HeaderStringValues tag) && IsStrong(tag.ToString())
            ? Hash(tag.ToString())
                : content.TryGetValues("Last-Modified", out HeaderStringValues date) ? Hash(date.ToString())
                : null;
        return new ContentVersion(validator, response.Content.Headers.ContentRange is { } range ? range.Length
            : response.StatusCode == HttpStatusCode.OK ? response.Content.Headers.ContentLength
            : null);
    }

    /// <summary>Parses the text of <see cref="ToString"/>.</summary>
    public static ContentVersion Parse(string text)
    {
        string[] parts = text.Split('-');
        return new ContentVersion(
            parts[0] == NoValidator ? null : parts[0],
            parts.Length > 1 && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long total) ? total : null);
    }

    /// <summary>Whether another part certainly belongs to the same content.</summary>
    public bool IsContinuedBy(ContentVersion other)
        => Validator is not null && Validator == other.Validator && (Total is null || other.Total is null || Total == other.Total);

    /// <summary>A text that can be part of a file name.</summary>
    public override string ToString()
        => Total is { } total
            ? string.Create(CultureInfo.InvariantCulture, $"{Validator ?? NoValidator}-{total}")
            : Validator ?? NoValidator;

    /// <summary>A short hash of a text.</summary>
    public static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)), 0, 4);

    private static bool IsStrong(string tag) => !tag.StartsWith("W/", StringComparison.Ordinal);
}
