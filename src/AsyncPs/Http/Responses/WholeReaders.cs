using AsyncPs.Http.Json;

namespace AsyncPs.Http.Responses;

/// <summary>Writes one <see cref="HttpResult"/>.</summary>
internal sealed class ResultReader : IResponseReader
{
    /// <inheritdoc/>
    public async ValueTask<object?> ReadAsync(Exchange exchange)
    {
        using PooledBody body = await exchange.ReadBodyAsync().ConfigureAwait(false);
        HttpResult result = exchange.Result(body.ToArray());
        await exchange.WriteAsync(result).ConfigureAwait(false);
        return result;
    }
}

/// <summary>Writes the body as one string.</summary>
internal sealed class TextReader : IResponseReader
{
    /// <inheritdoc/>
    public async ValueTask<object?> ReadAsync(Exchange exchange)
    {
        using PooledBody body = await exchange.ReadBodyAsync().ConfigureAwait(false);
        string text = Charsets.Decode(body.Span, exchange.ContentType);
        await exchange.WriteAsync(text).ConfigureAwait(false);
        return text;
    }
}

/// <summary>Writes the body as one array of bytes.</summary>
internal sealed class BytesReader : IResponseReader
{
    /// <inheritdoc/>
    public async ValueTask<object?> ReadAsync(Exchange exchange)
    {
        using PooledBody body = await exchange.ReadBodyAsync().ConfigureAwait(false);
        byte[] bytes = body.ToArray();
        await exchange.WriteAsync(bytes).ConfigureAwait(false);
        return bytes;
    }
}

/// <summary>Writes the objects of a JSON body; nothing for an empty body.</summary>
internal sealed class JsonReader : IResponseReader
{
    /// <inheritdoc/>
    public async ValueTask<object?> ReadAsync(Exchange exchange)
    {
        using PooledBody body = await exchange.ReadBodyAsync().ConfigureAwait(false);
        if (body.Span.IsEmpty)
        {
            return null;
        }

        JsonResult json;
        try
        {
            json = Parse(body.Span, exchange.ContentType);
        }
        catch (FormatException e)
        {
            throw HttpErrors.HttpJsonInvalid(exchange.Request, exchange.Result(body.ToArray()), e);
        }

        if (json.Elements is { } elements)
        {
            foreach (object? element in elements)
            {
                await exchange.WriteAsync(element).ConfigureAwait(false);
            }
        }
        else
        {
            await exchange.WriteAsync(json.Value).ConfigureAwait(false);
        }

        return json.Value;
    }

    private static JsonResult Parse(ReadOnlySpan<byte> body, string? contentType)
    {
        System.Text.Encoding encoding = Charsets.Of(body, contentType, out int preamble);
        body = body[preamble..];
        return JsonObjects.Parse(encoding.CodePage == System.Text.Encoding.UTF8.CodePage
            ? body
            : System.Text.Encoding.UTF8.GetBytes(encoding.GetString(body)));
    }
}
