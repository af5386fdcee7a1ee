using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using AsyncPs.Http.Requests;
using AsyncPs.Http.Responses;

namespace AsyncPs.Http.Files;

/// <summary>
/// A body on its way to a file. It grows under a name of its own, <c>name.id-version.part</c>, and gets its real name when it is
/// complete. The version in the name stands for what the server said identifies the content, so that what has changed since
/// is not glued together.
/// </summary>
internal sealed class Download
{
    private const int BufferSize = 64 * 1024;
    private const string Extension = ".part";

    private readonly FileStore _store;
    private readonly HttpRequest _plain;
    private readonly long _index;
    private string? _found;
    private long _foundLength;

    /// <summary>Prepares the download of a request.</summary>
    /// <param name="store">Where it goes.</param>
    /// <param name="request">The request.</param>
    /// <param name="index">The position of its item.</param>
    public Download(FileStore store, HttpRequest request, long index)
    {
        _store = store;
        _plain = request;
        _index = index;
        if (store.Resumes && request.Method == HttpMethod.Get)
        {
            FindUnfinished(store.ExpectedPath(request));
        }
    }

    /// <summary>The request for what is missing.</summary>
    public HttpRequest Request => _found is null
        ? _plain
        : _plain with { Headers = [.. _plain.Headers.Where(h => !h.Name.Equals("Range", StringComparison.OrdinalIgnoreCase)), new Header("Range", $"bytes={_foundLength}-")] };

    /// <summary>Whether what was found is of no use for this response: then everything is asked for again.</summary>
    public bool MustStartOver(HttpResponseMessage response)
    {
        bool useless = _found is not null && response.StatusCode switch
        {
            HttpStatusCode.PartialContent => !Continues(response),
            HttpStatusCode.RequestedRangeNotSatisfiable => response.Content.Headers.ContentRange?.Length != _foundLength,
            _ => false,
        };
        if (useless)
        {
            _found = null;
        }

        return useless;
    }

    /// <summary>Whether nothing was missing.</summary>
    public bool IsComplete(HttpResponseMessage response) => _found is not null && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable;

    /// <summary>Writes the body to its file.</summary>
    /// <exception cref="HttpCallException">The file cannot be written.</exception>
    public async ValueTask<FileInfo> SaveAsync(Exchange exchange)
    {
        string path = _store.FinalPath(_plain, exchange.Response);
        bool saved = false;
        try
        {
            string part = PartPath(path, exchange.Response);
            if (IsComplete(exchange.Response))
            {
                part = _found!;
            }
            else
            {
                await WriteAsync(exchange, part).ConfigureAwait(false);
            }

            if (part != path)
            {
                Guard(() => { File.Move(part, path, overwrite: true); return true; });
            }

            saved = true;
            return new FileInfo(path);
        }
        catch (FileFailure e)
        {
            throw Errors.HttpFileNotWritten(_plain, path, e.InnerException!);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Errors.HttpFileNotWritten(_plain, path, e);
        }
        finally
        {
            if (!saved)
            {
                _store.Release(_plain, path);
            }
        }
    }

    private async ValueTask WriteAsync(Exchange exchange, string part)
    {
        bool continues = _found is not null && exchange.Response.StatusCode == HttpStatusCode.PartialContent;
        bool complete = false;
        FileStream file = Guard(() => Open(part, continues));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await using (file.ConfigureAwait(false))
            {
                int read;
                while ((read = await exchange.ReadAsync(buffer).ConfigureAwait(false)) > 0)
                {
                    try
                    {
                        await file.WriteAsync(buffer.AsMemory(0, read)).ConfigureAwait(false);
                    }
                    catch (IOException e)
                    {
                        throw new FileFailure(e);
                    }
                }

                complete = true;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (!complete && !_store.Resumes)
            {
                File.Delete(part);
            }
        }
    }

    private FileStream Open(string part, bool continues)
    {
        if (continues && _found != part)
        {
            File.Move(_found!, part, overwrite: true);
        }

        return new FileStream(part, new FileStreamOptions
        {
            Mode = continues ? FileMode.Append : FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
        });
    }

    private void FindUnfinished(string path)
    {
        string? folder = Path.GetDirectoryName(path);
        if (!Directory.Exists(folder))
        {
            return;
        }

        // One that has its real name was left by something else, which knew no better.
        string? found = File.Exists(path)
            ? path
            : Directory.EnumerateFiles(folder, "*" + Extension).FirstOrDefault(f => Path.GetFileName(f).StartsWith(PartPrefix(path), StringComparison.Ordinal));
        if (found is not null && new FileInfo(found) is { Length: > 0 } info)
        {
            _found = found;
            _foundLength = info.Length;
        }
    }

    private bool Continues(HttpResponseMessage response)
        => response.Content.Headers.ContentRange?.From == _foundLength
            && (!_found!.EndsWith(Extension, StringComparison.Ordinal) || _found.EndsWith("-" + VersionOf(response) + Extension, StringComparison.Ordinal));

    private string PartPath(string path, HttpResponseMessage response)
    {
        string expected = _store.Resumes ? _store.ExpectedPath(_plain) : path;
        return Path.Combine(Path.GetDirectoryName(expected)!, PartPrefix(expected) + VersionOf(response) + Extension);
    }

    // Several requests of one call may be for the same URI; only to continue it must the name be the same next time.
    private string PartPrefix(string path) => $"{Path.GetFileName(path)}.{Hash(_store.Resumes ? _plain.Uri.AbsoluteUri : $"{_plain.Uri.AbsoluteUri} {_index}")}-";

    private static string VersionOf(HttpResponseMessage response)
    {
        HttpHeadersNonValidated headers = response.Headers.NonValidated;
        HttpHeadersNonValidated content = response.Content.Headers.NonValidated;
        return headers.TryGetValues("ETag", out HeaderStringValues tag) ? Hash(tag.ToString())
            : content.TryGetValues("Last-Modified", out HeaderStringValues date) ? Hash(date.ToString())
            : "0";
    }

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)), 0, 4);

    private static T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (IOException e)
        {
            throw new FileFailure(e);
        }
    }

    // So that a failure of the disk is not taken for one of the connection.
    private sealed class FileFailure(IOException inner) : Exception(inner.Message, inner);
}
