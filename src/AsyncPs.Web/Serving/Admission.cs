namespace AsyncPs.Web.Serving;

/// <summary>Lets so many requests run at once, and so many wait.</summary>
/// <param name="limit">How many run.</param>
/// <param name="queue">How many wait.</param>
internal sealed class Admission(int limit, int queue) : IDisposable
{
    private readonly SemaphoreSlim _places = new(limit);
    private int _waiting;

    /// <summary>How many run.</summary>
    public int Running => limit - _places.CurrentCount;

    /// <summary>How many wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Waits for a place.</summary>
    /// <returns>False if too many wait already.</returns>
    /// <exception cref="OperationCanceledException">The request is to end.</exception>
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

    /// <summary>Gives the place back.</summary>
    public void Leave() => _places.Release();

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();
}
