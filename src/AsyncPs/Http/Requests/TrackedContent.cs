using System.Net;

namespace AsyncPs.Http.Requests;

/// <summary>The body of a request, which says when it has been sent.</summary>
internal sealed class TrackedContent : HttpContent
{
    private readonly HttpContent _content;
    private readonly TrackedRequest _request;

    /// <summary>Takes the place of a body, with its headers.</summary>
    public TrackedContent(HttpContent content, TrackedRequest request)
    {
        _content = content;
        _request = request;
        foreach (KeyValuePair<string, System.Net.Http.Headers.HeaderStringValues> header in content.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await _content.CopyToAsync(stream, context, cancellationToken).ConfigureAwait(false);
        _request.NoteSent();
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        long? known = _content.Headers.ContentLength;
        length = known ?? 0;
        return known is not null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
        }

        base.Dispose(disposing);
    }
}
