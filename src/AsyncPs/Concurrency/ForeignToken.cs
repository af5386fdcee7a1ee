namespace AsyncPs.Concurrency;

/// <summary>
/// A token for code that is not ours. What is registered on it runs on a thread of the pool, and what it throws comes out of a task: on the
/// thread that cancels, often that of a timer, an exception would end the process, and a callback that blocks would block everybody else.
/// </summary>
internal sealed class ForeignToken : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _registration;
    private Task _callbacks = Task.CompletedTask;

    /// <summary>Makes a token that is canceled with another.</summary>
    public ForeignToken(CancellationToken own)
    {
        Token = _source.Token;
        _registration = own.UnsafeRegister(static token => ((ForeignToken)token!).Cancel(), this);
    }

    /// <summary>The token.</summary>
    public CancellationToken Token { get; }

    /// <summary>Waits, for a grace period, until the callbacks have run.</summary>
    /// <returns>What they have thrown, or null.</returns>
    public async Task<Exception?> FailureAsync()
    {
        await Task.WhenAny(_callbacks, Task.Delay(StopTimes.Grace)).ConfigureAwait(false);
        return _callbacks.Exception?.Flatten() is { } all ? all.InnerExceptions.Count == 1 ? all.InnerException : all : null;
    }

    /// <summary>Nobody cancels it any more; callbacks that run go on.</summary>
    public void Dispose() => _registration.Unregister();

    private void Cancel()
    {
        _callbacks = _source.CancelAsync();
        _callbacks.Forget();
    }
}
