using System.Net.Http.Headers;

namespace AsyncPs.Http.Requests;

/// <summary>The body of a request: it can be sent again, for a retry or a redirect.</summary>
internal abstract class RequestBody
{
    /// <summary>Makes the content of one request.</summary>
    /// <exception cref="IOException">A file that is to be sent cannot be read.</exception>
    public abstract HttpContent CreateContent();
}

/// <summary>A body that is in memory.</summary>
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

    /// <summary>Opens a file to be sent.</summary>
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
        var form = new MultipartFormDataContent();
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
        var disposition = new ContentDispositionHeaderValue("form-data") { Name = Quote(field.Name) };
        if (field.Path is null)
        {
            return new StringContent(field.Text ?? "") { Headers = { ContentDisposition = disposition } };
        }

        disposition.FileName = Quote(Path.GetFileName(field.Path));
        return new StreamContent(FileBody.Open(field.Path))
        {
            Headers = { ContentDisposition = disposition, ContentType = new MediaTypeHeaderValue("application/octet-stream") },
        };
    }

    private static string Quote(string text)
        => '"' + text.Replace("\"", "%22", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal) + '"';
}
