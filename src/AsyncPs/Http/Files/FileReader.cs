using AsyncPs.Http.Responses;

namespace AsyncPs.Http.Files;

/// <summary>Writes the body to a file, and an <see cref="HttpResult"/> that names the file.</summary>
internal sealed class FileReader(Download download) : IResponseReader
{
    /// <inheritdoc/>
    public async ValueTask<object?> ReadAsync(Exchange exchange)
    {
        SavedFile saved = await download.SaveAsync(exchange).ConfigureAwait(false);
        HttpResult result = exchange.Result(file: saved.File, length: saved.Length);
        await exchange.WriteAsync(result).ConfigureAwait(false);
        return result;
    }
}
