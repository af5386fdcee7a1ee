namespace AsyncPs.Web.Serving;

/// <summary>Limits how many requests run at the same time, and how many wait.</summary>
/// <param name="limit">The largest number of running requests.</param>
/// <param name="queue">The largest number of waiting requests.</param>
internal sealed class Admission(int limit, int queue) : IDisposable
{
    private readonly SemaphoreSlim _places = new(limit);
    private int _waiting;

    /// <summary>How many requests run.</summary>
    public int Running => limit - _places.CurrentCount;

    /// <summary>How many requests wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Waits for a place.</summary>
    /// <returns>False if too many already wait.</returns>
    /// <exception cref="OperationCanceledException">The request was canceled.</exception>
    public async ValueTask<bool> TryEnterAsync(CancellationToken cancellationToken)
    {
        if (_places.Wait(0, CancellationToken.None))
        {
            return true;
        }

        if (Interlocked.Increment(ref _waiting) > queue)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }

        try
        {
            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Frees the place.</summary>
    public void Leave() => _places.Release();

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();
}
