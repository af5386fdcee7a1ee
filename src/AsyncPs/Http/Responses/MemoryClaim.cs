namespace AsyncPs.Http.Responses;

/// <summary>What one body, line or event has taken of the memory of its call. A small one takes nothing.</summary>
internal sealed class MemoryClaim(Exchange exchange) : IDisposable
{
    /// <summary>What is not counted.</summary>
    public const int Small = 1024 * 1024;

    private long _taken;

    /// <summary>Says how many bytes are held now.</summary>
    /// <exception cref="HttpCallException">All requests of the call together would hold more than they may.</exception>
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

    /// <summary>Gives back what was taken.</summary>
    public void Dispose() => Resize(0);
}
