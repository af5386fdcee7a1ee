using System.Buffers;
using System.Diagnostics;
using AsyncPs.Concurrency;
using AsyncPs.Http.Requests;

namespace AsyncPs.Http.Responses;

/// <summary>A response that is being read: its origin, its destination, and its time limit.</summary>
internal sealed class Exchange : IDisposable
{
    private const int SmallBody = 4096;

    // A larger Content-Length is not trusted until the bytes have arrived.
    private const int BelievedLength = MemoryClaim.Small;

    private readonly HttpCallOptions _options;
    private readonly Deadline _deadline;
    private readonly HttpRequest _last;
    private readonly long _startedAt;
    private Stream? _stream;

    /// <summary>Takes over a response.</summary>
    public Exchange(
        HttpCallOptions options,
        WorkItem item,
        HttpRequest request,
        HttpResponseMessage response,
        HttpRequest last,
        Deadline deadline,
        long startedAt)
    {
        _options = options;
        _deadline = deadline;
        _last = last;
        _startedAt = startedAt;
        Item = item;
        Request = request;
        Response = response;
    }

    /// <summary>The item the request belongs to.</summary>
    public WorkItem Item { get; }

    /// <summary>The request, as the user made it.</summary>
    public HttpRequest Request { get; }

    /// <summary>The response, whose body may not be read yet.</summary>
    public HttpResponseMessage Response { get; }

    /// <summary>The Content-Type of the response, or null.</summary>
    public string? ContentType => HttpResult.ContentTypeOf(Response.Content.Headers);

    /// <summary>How many bytes may be in memory.</summary>
    public int MaximumSize => (int)Math.Min(_options.MaximumResponseSize, Array.MaxLength);

    /// <summary>The memory of all requests of the call.</summary>
    public MemoryBudget Memory => _options.Memory;

    /// <summary>
    /// Whether part of the response was handed on, for example to the pipeline, so that the request cannot be repeated unnoticed.
    /// </summary>
    public bool HasWritten { get; private set; }

    /// <summary>Canceled when the reading must end.</summary>
    public CancellationToken Token => _deadline.Token;

    /// <summary>Notes that part of the response was handed on and cannot be taken back.</summary>
    public void MarkWritten() => HasWritten = true;

    /// <summary>Writes an object to the pipeline.</summary>
    public ValueTask WriteAsync(object? output)
    {
        MarkWritten();
        return Item.WriteAsync(StreamKind.Output, output);
    }

    /// <summary>The result with the information so far.</summary>
    public HttpResult Result(byte[]? body = null, FileInfo? file = null, long? length = null) => new(Response, Request.Uri, _last.Uri, body)
    {
        Elapsed = Stopwatch.GetElapsedTime(_startedAt),
        Attempt = (Item.Outer ?? Item).State?.Attempt ?? 1,
        Index = Item.Index,
        InputObject = Item.Input,
        File = file,
        FileLength = length,
    };

    /// <summary>Reads the next part of the body, and waits for it within the time limit.</summary>
    /// <returns>How many bytes; zero at the end.</returns>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        _deadline.Restart(_options.OperationTimeout);
        _stream ??= await Response.Content.ReadAsStreamAsync(_deadline.Token).ConfigureAwait(false);
        int read = await _stream.ReadAsync(buffer, _deadline.Token).ConfigureAwait(false);
        _deadline.Pause();
        return read;
    }

    /// <summary>Reads the whole body.</summary>
    /// <exception cref="HttpCallException">It is too large, or all bodies of the call together are.</exception>
    public async ValueTask<PooledBody> ReadBodyAsync()
    {
        int maximum = MaximumSize;
        long? said = Response.Content.Headers.ContentLength;
        if (said > maximum)
        {
            throw HttpErrors.HttpResponseTooLarge(Request, maximum, Result());
        }

        MemoryClaim? claim = null;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(said is { } length ? (int)Math.Min(length + 1, BelievedLength) : SmallBody);
        try
        {
            int count = 0;
            int read;
            while ((read = await ReadAsync(buffer.AsMemory(count)).ConfigureAwait(false)) > 0)
            {
                count += read;
                if (count > maximum)
                {
                    throw HttpErrors.HttpResponseTooLarge(Request, maximum, Result());
                }

                if (count == buffer.Length)
                {
                    Grow(ref buffer, ref claim);
                }
            }

            return new PooledBody(buffer, count, claim);
        }
        catch
        {
            claim?.Dispose();
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>Reads the beginning of the body of an error, which may explain it. A body that breaks off is no failure.</summary>
    /// <param name="maximum">The largest number of bytes.</param>
    /// <param name="time">How long it may take.</param>
    public async ValueTask<byte[]> ReadStartAsync(int maximum, TimeSpan time)
    {
        byte[] buffer = new byte[Math.Min(maximum, MaximumSize)];
        int count = 0;
        _deadline.Restart(time);
        try
        {
            _stream ??= await Response.Content.ReadAsStreamAsync(_deadline.Token).ConfigureAwait(false);
            int read;
            while (count < buffer.Length
                && (read = await _stream.ReadAsync(buffer.AsMemory(count), _deadline.Token).ConfigureAwait(false)) > 0)
            {
                count += read;
            }
        }
        catch (Exception e)
            when (e is HttpRequestException or IOException or InvalidDataException
                || (e is OperationCanceledException && _deadline.HasPassed))
        {
            // What has arrived is all there is.
        }

        _deadline.Pause();
        Array.Resize(ref buffer, count);
        return buffer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream?.Dispose();
        Response.Dispose();
    }

    private void Grow(ref byte[] buffer, ref MemoryClaim? claim)
    {
        int size = (int)Math.Min(buffer.Length * 2L, Array.MaxLength);
        if (size > MemoryClaim.Small)
        {
            (claim ??= new MemoryClaim(this)).Resize(size);
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
