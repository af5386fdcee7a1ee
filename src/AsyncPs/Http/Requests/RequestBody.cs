using System.Net.Http.Headers;
using System.Text;

namespace AsyncPs.Http.Requests;

/// <summary>The body of a request. It can be sent again, for a retry or a redirect.</summary>
internal abstract class RequestBody
{
    /// <summary>Creates the content of one request.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public abstract HttpContent CreateContent();
}

/// <summary>A body in memory.</summary>
internal sealed class MemoryBody(ReadOnlyMemory<byte> content) : RequestBody
{
    /// <inheritdoc/>
    public override HttpContent CreateContent() => new ReadOnlyMemoryContent(content);
}

/// <summary>A body that is read from a file as it is sent.</summary>
internal sealed class FileBody(string path) : RequestBody
{
    /// <inheritdoc/>
    public override HttpContent CreateContent() => new StreamContent(Open(path));

    /// <summary>Opens a file to send.</summary>
    public static FileStream Open(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Open,
        Access = FileAccess.Read,
        Share = FileShare.ReadWrite | FileShare.Delete,
        Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
    });
}

/// <summary>One field of a form: text, or a file.</summary>
internal readonly record struct FormField(string Name, string? Text, string? Path);

/// <summary>A form with files (RFC 7578).</summary>
internal sealed class FormBody(IReadOnlyList<FormField> fields) : RequestBody
{
    /// <inheritdoc/>
    public override HttpContent CreateContent()
    {
        var form = new MultipartFormDataContent { HeaderEncodingSelector = static (_, _) => Encoding.Latin1 };
        try
        {
            foreach (FormField field in fields)
            {
                form.Add(Part(field));
            }

            return form;
        }
        catch
        {
            form.Dispose();
            throw;
        }
    }

    private static HttpContent Part(FormField field)
    {
        string disposition = $"form-data; name={Quote(field.Name)}";
        if (field.Path is null)
        {
            return Described(new StringContent(field.Text ?? ""), disposition);
        }

        var file = new StreamContent(FileBody.Open(field.Path))
        {
            Headers = { ContentType = new MediaTypeHeaderValue(RequestBodies.MediaTypeOfFiles) },
        };
        return Described(file, $"{disposition}; filename={Quote(Path.GetFileName(field.Path))}");
    }

    // Names are sent in UTF-8 as they are (RFC 7578, 5.1), which the typed header of .NET does not do.
    private static HttpContent Described(HttpContent content, string disposition)
    {
        var header = new Header("Content-Disposition", disposition);
        content.Headers.TryAddWithoutValidation(header.Name, header.WireValue);
        return content;
    }

    // As browsers do (WHATWG HTML, 4.10.21.8).
    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            quoted.Append(char.IsControl(c) && char.IsAscii(c) || c == '"' ? Uri.HexEscape(c) : c.ToString());
        }

        return quoted.Append('"').ToString();
    }
}
