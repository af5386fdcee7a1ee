namespace AsyncPs.Http.Responses;

/// <summary>The memory that one body, line or event takes from the budget of its call. A small one takes nothing.</summary>
internal sealed class MemoryClaim(Exchange exchange) : IDisposable
{
    /// <summary>The size that is not counted.</summary>
    public const int Small = 1024 * 1024;

    private long _taken;

    /// <summary>Sets how many bytes are held now.</summary>
    /// <exception cref="HttpCallException">All requests of the call together would hold too much.</exception>
    public void Resize(long size)
    {
        long needed = Math.Max(0, size - Small);
        if (needed > _taken)
        {
            if (!exchange.Memory.TryTake(needed - _taken))
            {
                throw HttpErrors.HttpMemoryExceeded(exchange.Request, exchange.Memory.Limit, exchange.Result());
            }
        }
        else if (needed < _taken)
        {
            exchange.Memory.Return(_taken - needed);
        }

        _taken = needed;
    }

    /// <summary>Returns everything to the budget.</summary>
    public void Dispose() => Resize(0);
}
