namespace AsyncPs.Http.Responses;

/// <summary>Reads a response and writes what it becomes.</summary>
internal interface IResponseReader
{
    /// <summary>Reads the response.</summary>
    /// <returns>What a block that looks for the next page gets as `$_`.</returns>
    ValueTask<object?> ReadAsync(Exchange exchange);
}
