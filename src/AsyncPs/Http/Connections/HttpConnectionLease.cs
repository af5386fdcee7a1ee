namespace AsyncPs.Http.Connections;

/// <summary>Connections that a call uses.</summary>
internal sealed class HttpConnectionLease(HttpConnectionPool pool, ConnectionSet set) : IDisposable
{
    private ConnectionSet? _set = set;

    /// <summary>Sends requests over them.</summary>
    public HttpMessageInvoker Invoker { get; } = set.Invoker;

    /// <summary>Returns the connections to the pool.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _set, null) is { } set)
        {
            pool.Return(set);
        }
    }
}
