using System.Collections;
using System.Text;

namespace AsyncPs.Http.Requests;

/// <summary>A body made from the user's arguments.</summary>
/// <param name="Body">The body, or null when everything went into the URI.</param>
/// <param name="Uri">The URI to send it to, with the fields of a GET in its query.</param>
/// <param name="ContentType">The media type to send with it, or null for none.</param>
internal readonly record struct MadeBody(RequestBody? Body, Uri Uri, string? ContentType);

/// <summary>Makes bodies from the user's arguments: text, bytes, files, XML, fields.</summary>
internal static class RequestBodies
{
    /// <summary>The media type of a file for which none is given.</summary>
    public const string MediaTypeOfFiles = "application/octet-stream";

    private const string UrlEncoded = "application/x-www-form-urlencoded";

    /// <summary>Makes a form with files (multipart/form-data).</summary>
    /// <exception cref="FormatException">It is not a dictionary.</exception>
    public static MadeBody OfForm(object form, Uri target)
    {
        IDictionary fields = RequestTemplate.AsFields(form) ?? throw new FormatException("-Form takes a dictionary: names and values.");

        // The boundary is part of the media type, so the content sets it.
        return new MadeBody(new FormBody([.. FormFields(fields)]), target, ContentType: null);
    }

    /// <summary>Makes a body.</summary>
    /// <param name="body">The user's argument.</param>
    /// <param name="method">The method of the request.</param>
    /// <param name="target">The URI of the request.</param>
    /// <param name="contentType">The user's media type, or null.</param>
    public static MadeBody Of(object? body, HttpMethod method, Uri target, string? contentType)
    {
        switch (PSObjectExtensions.UnwrapUnlessCustom(body))
        {
            case byte[] bytes:
                return new MadeBody(new MemoryBody(bytes), target, contentType);
            case FileInfo file:
                return new MadeBody(new FileBody(file.FullName), target, contentType ?? MediaTypeOfFiles);
            case IDictionary fields when method == HttpMethod.Get:
                return new MadeBody(null, WithQuery(target, Encode(fields)), contentType);
            case IDictionary fields:
                return new MadeBody(new MemoryBody(Encoding.UTF8.GetBytes(Encode(fields))), target, contentType ?? UrlEncoded);
            case System.Xml.XmlDocument document:
                return new MadeBody(new MemoryBody(Encoding.UTF8.GetBytes(document.OuterXml)), target, contentType);
            default:
                contentType ??= method == HttpMethod.Post ? UrlEncoded : null;
                byte[] text = Charsets.OfMediaType(contentType, Encoding.UTF8).GetBytes(ArgumentText.Of(body) ?? "");
                return new MadeBody(new MemoryBody(text), target, contentType);
        }
    }

    private static IEnumerable<FormField> FormFields(IDictionary form)
        => Pairs(form).Select(static pair => PSObjectExtensions.UnwrapUnlessCustom(pair.Value) is FileInfo file
            ? new FormField(pair.Name, null, file.FullName)
            : new FormField(pair.Name, ArgumentText.Of(pair.Value), null));

    // A list gives one field per element, in both kinds of forms and in queries.
    private static IEnumerable<(string Name, object? Value)> Pairs(IDictionary fields)
    {
        foreach (DictionaryEntry field in fields)
        {
            string name = ArgumentText.Of(field.Key) ?? "";
            if (PSObjectExtensions.UnwrapUnlessCustom(field.Value) is IEnumerable several and not string and not IDictionary)
            {
                foreach (object? one in several)
                {
                    yield return (name, one);
                }
            }
            else
            {
                yield return (name, field.Value);
            }
        }
    }

    private static Uri WithQuery(Uri uri, string query)
    {
        if (query.Length == 0)
        {
            return uri;
        }

        var builder = new UriBuilder(uri);
        builder.Query = builder.Query.Length > 1 ? builder.Query + "&" + query : query;
        return builder.Uri;
    }

    private static string Encode(IDictionary fields)
        => string.Join(
            '&',
            Pairs(fields).Select(static pair => Uri.EscapeDataString(pair.Name)
                + "="
                + Uri.EscapeDataString(ArgumentText.Of(pair.Value) ?? "")));
}
