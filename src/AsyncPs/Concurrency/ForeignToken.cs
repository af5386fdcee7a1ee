namespace AsyncPs.Concurrency;

/// <summary>
/// A token for code outside this module. Its callbacks run on a thread of the pool, and a task carries their exceptions. On the canceling
/// thread, often a timer's, an exception would end the process, and a callback that blocks would block all other callbacks.
/// </summary>
internal sealed class ForeignToken : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _registration;
    private readonly Func<Task>? _before;
    private Task _callbacks = Task.CompletedTask;

    /// <summary>Makes a token that is canceled with another.</summary>
    /// <param name="own">The other one.</param>
    /// <param name="before">An action to wait for before that, for a grace period; or null.</param>
    public ForeignToken(CancellationToken own, Func<Task>? before = null)
    {
        _before = before;
        Token = _source.Token;
        _registration = own.UnsafeRegister(static token => ((ForeignToken)token!).Cancel(), this);
    }

    /// <summary>The token.</summary>
    public CancellationToken Token { get; }

    /// <summary>Waits for the callbacks, up to a grace period.</summary>
    /// <returns>What they threw, or null.</returns>
    public async Task<Exception?> FailureAsync()
    {
        await Task.WhenAny(_callbacks, Task.Delay(StopTimes.Grace)).ConfigureAwait(false);
        return _callbacks.Exception?.Flatten() is { } all ? all.InnerExceptions.Count == 1 ? all.InnerException : all : null;
    }

    /// <summary>Detaches the token from its source. Running callbacks continue.</summary>
    public void Dispose() => _registration.Unregister();

    private void Cancel()
    {
        _callbacks = _before is null ? _source.CancelAsync() : CancelLaterAsync(_before());
        _callbacks.Forget();
    }

    private async Task CancelLaterAsync(Task before)
    {
        if (!before.IsCompleted)
        {
            await Task.WhenAny(before, Task.Delay(StopTimes.Grace)).ConfigureAwait(false);
        }

        await _source.CancelAsync().ConfigureAwait(false);
    }
}
