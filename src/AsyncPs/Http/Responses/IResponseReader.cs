namespace AsyncPs.Http.Responses;

/// <summary>Reads a response and writes the output.</summary>
internal interface IResponseReader
{
    /// <summary>Reads the response.</summary>
    /// <returns>The value of `$_` for a block that looks for the next page.</returns>
    ValueTask<object?> ReadAsync(Exchange exchange);
}
