using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using AsyncPs.Http.Requests;
using AsyncPs.Http.Responses;

namespace AsyncPs.Http.Files;

/// <summary>A file that has been written.</summary>
/// <param name="File">The file.</param>
/// <param name="Length">How many bytes were written; for a resumed file, its whole size.</param>
internal readonly record struct SavedFile(FileInfo File, long Length);

/// <summary>
/// A body that is written to a file. It grows in a part file beside it, which gets the real name when it is complete. A device or a pipe
/// gets the bytes as they arrive. Only parts that certainly belong to the same content are combined.
/// </summary>
internal sealed class Download
{
    private const int BufferSize = 64 * 1024;
    private const string RangeName = "Range";

    private readonly FileStore _store;
    private readonly HttpRequest _plain;
    private readonly PartFile? _continuable;
    private UnfinishedFile? _found;

    /// <summary>Prepares the download of a request.</summary>
    /// <param name="store">The file store of the call.</param>
    /// <param name="request">The request.</param>
    public Download(FileStore store, HttpRequest request)
    {
        _store = store;
        _plain = request;
        if (store.Resumes && request.Method == HttpMethod.Get && !request.Headers.Any(static h => h.Is(RangeName)))
        {
            string path = store.ExpectedPath(request);
            if (FileKinds.Of(path) != FileKind.Other)
            {
                _continuable = new PartFile(path, request.Uri);
                _found = _continuable.Find();
            }
        }
    }

    /// <summary>The request for the missing part.</summary>
    public HttpRequest Request => _found is null
        ? _plain
        : _plain with { Headers = [.. _plain.Headers, new Header(RangeName, $"bytes={_found.Length}-")] };

    /// <summary>Whether the existing part does not fit this response, so that everything must be requested again.</summary>
    public bool MustStartOver(HttpResponseMessage response)
    {
        bool useless = _found is not null && response.StatusCode switch
        {
            HttpStatusCode.PartialContent => !Continues(_found, response),
            HttpStatusCode.RequestedRangeNotSatisfiable => !IsAllOf(_found, response),
            _ => false,
        };
        if (useless)
        {
            _found = null;
        }

        return useless;
    }

    /// <summary>Whether the existing part was already complete.</summary>
    public bool IsComplete(HttpResponseMessage response)
        => _found is not null && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable;

    /// <summary>Writes the body to its file.</summary>
    /// <exception cref="HttpCallException">The file cannot be written, or is not complete.</exception>
    public async ValueTask<SavedFile> SaveAsync(Exchange exchange)
    {
        string path = _store.FinalPath(_plain, exchange.Response);
        bool saved = false;
        try
        {
            long length = FileKinds.Of(path) == FileKind.Other
                ? await WriteThroughAsync(exchange, path).ConfigureAwait(false)
                : await ReplaceAsync(exchange, path).ConfigureAwait(false);
            saved = true;
            return new SavedFile(new FileInfo(_plain.OutFile ?? path), length);
        }
        catch (FileFailure e)
        {
            throw HttpErrors.HttpFileNotWritten(_plain, path, e.InnerException!, e.Kept);
        }
        finally
        {
            if (!saved)
            {
                _store.Release(_plain, path);
            }
        }
    }

    // The response begins where the part ends. Whether it reaches the end of the content is checked afterwards.
    private static bool Continues(UnfinishedFile found, HttpResponseMessage response)
        => response.Content.Headers.ContentRange is { Unit: "bytes", From: { } first, To: { } last, Length: { } total }
            && first == found.Length && last < total && found.IsContinuedBy(response);

    // A server need not name the version that has no more bytes (RFC 9110, 15.5.17).
    private static bool IsAllOf(UnfinishedFile found, HttpResponseMessage response)
    {
        ContentVersion version = ContentVersion.Of(response);
        return version.Total == found.Length
            && (found.Version is not { } own || own.IsContinuedBy(version with { Validator = version.Validator ?? own.Validator }));
    }

    private static async ValueTask<long> WriteThroughAsync(Exchange exchange, string path)
    {
        SpecialFile file = await GuardAsync(() => SpecialFile.OpenAsync(path, exchange.Token)).ConfigureAwait(false);
        await using (file.ConfigureAwait(false))
        {
            return await CopyAsync(exchange, bytes =>
            {
                // Bytes that were passed on cannot be taken back, so the request is not sent again.
                exchange.MarkWritten();
                return file.WriteAsync(bytes, exchange.Token);
            }).ConfigureAwait(false);
        }
    }

    private async ValueTask<long> ReplaceAsync(Exchange exchange, string path)
    {
        (string part, long length) = IsComplete(exchange.Response)
            ? (_found!.Path, _found.Length)
            : await WritePartAsync(exchange, path).ConfigureAwait(false);
        await GuardAsync(
            async () =>
            {
                await Destination.PublishAsync(part, path).ConfigureAwait(false);
                return true;
            },
            kept: part).ConfigureAwait(false);
        return length;
    }

    private async ValueTask<(string Path, long Length)> WritePartAsync(Exchange exchange, string path)
    {
        UnfinishedFile? continued = exchange.Response.StatusCode == HttpStatusCode.PartialContent ? _found : null;
        var version = ContentVersion.Of(exchange.Response);
        FileStream file = await GuardAsync(() =>
        {
            Destination.CheckWritable(path);
            return ValueTask.FromResult((_continuable ?? new PartFile(path, uri: null)).Open(version, continued));
        }).ConfigureAwait(false);

        // Without a validator it could not be known later whether the rest belongs to it.
        bool keep = _continuable is not null && version.Validator is not null;
        bool complete = false;
        try
        {
            await using (file.ConfigureAwait(false))
            {
                long length = (continued?.Length
                    ?? 0) + await CopyAsync(exchange, bytes => file.WriteAsync(bytes).AsTask()).ConfigureAwait(false);
                if (continued is not null)
                {
                    CheckLength(exchange, length, ref keep);
                }

                complete = true;
                return (file.Name, length);
            }
        }
        finally
        {
            if (!complete && !keep)
            {
                File.Delete(file.Name);
            }
        }
    }

    private void CheckLength(Exchange exchange, long length, ref bool keep)
    {
        ContentRangeHeaderValue range = exchange.Response.Content.Headers.ContentRange!;
        if (length != range.To + 1)
        {
            keep = false;
            throw HttpErrors.HttpRangeViolated(_plain, exchange.Result());
        }

        if (length < range.Length)
        {
            throw HttpErrors.HttpRangeIncomplete(_plain, length, range.Length.Value, exchange.Result());
        }
    }

    private static async ValueTask<long> CopyAsync(Exchange exchange, Func<ReadOnlyMemory<byte>, Task> write)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        bool ended = false;
        try
        {
            long count = 0;
            int read;
            while ((read = await exchange.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                count += read;
                try
                {
                    await write(buffer.AsMemory(0, read)).ConfigureAwait(false);
                }
                catch (IOException e)
                {
                    throw new FileFailure(e, kept: null);
                }
            }

            ended = true;
            return count;
        }
        finally
        {
            // A write that was given up may still use the file.
            if (ended)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static async ValueTask<T> GuardAsync<T>(Func<ValueTask<T>> work, string? kept = null)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileFailure(e, kept);
        }
    }

    // Tells a failure of the disk from one of the connection.
    private sealed class FileFailure(Exception inner, string? kept) : Exception(inner.Message, inner)
    {
        /// <summary>The file that holds the whole body; null if there is none.</summary>
        public string? Kept => kept;
    }
}
