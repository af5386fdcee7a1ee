using System.Globalization;
using System.Text;

namespace AsyncPs.Http.Responses;

/// <summary>Writes one string per line, as it arrives.</summary>
internal sealed class LinesReader : IResponseReader
{
    /// <inheritdoc/>
    public async ValueTask<object?> ReadAsync(Exchange exchange)
    {
        using var lines = new LineSplitter(exchange);
        while (await lines.ReadAsync().ConfigureAwait(false) is { } line)
        {
            await exchange.WriteAsync(line).ConfigureAwait(false);
        }

        return exchange.Result();
    }
}

/// <summary>Writes one <see cref="ServerSentEvent"/> per event, as it arrives (WHATWG HTML, 9.2).</summary>
internal sealed class ServerSentEventsReader : IResponseReader
{
    /// <inheritdoc/>
    public async ValueTask<object?> ReadAsync(Exchange exchange)
    {
        using var lines = new LineSplitter(exchange);
        using var claim = new MemoryClaim(exchange);
        var data = new StringBuilder();
        string type = "";
        string id = "";
        TimeSpan? retry = null;
        bool hasData = false;
        while (await lines.ReadAsync().ConfigureAwait(false) is { } line)
        {
            if (line.Length == 0)
            {
                if (hasData)
                {
                    await exchange
                        .WriteAsync(new ServerSentEvent(type.Length > 0 ? type : "message", data.ToString(), id, retry))
                        .ConfigureAwait(false);
                }

                data.Clear();
                claim.Resize(0);
                hasData = false;
                type = "";
                continue;
            }

            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string field = colon < 0 ? line : line[..colon];
            string value = colon < 0 ? "" : line[(colon + 1)..];
            value = value.StartsWith(' ') ? value[1..] : value;
            switch (field)
            {
                case "data":
                    data.Append(hasData ? "\n" : "").Append(value);
                    hasData = true;
                    claim.Resize((long)data.Length * sizeof(char));
                    if (data.Length > exchange.MaximumSize)
                    {
                        throw HttpErrors.HttpResponseTooLarge(exchange.Request, exchange.MaximumSize, exchange.Result(), "event");
                    }

                    break;
                case "event":
                    type = value;
                    break;
                case "id" when !value.Contains('\0', StringComparison.Ordinal):
                    id = value;
                    break;
                case "retry" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds):
                    retry = TimeSpan.FromMilliseconds(milliseconds);
                    break;
                default:
                    // A comment, or an unknown field.
                    break;
            }
        }

        // An event that is cut off by the end of the stream does not count.
        return exchange.Result();
    }
}
