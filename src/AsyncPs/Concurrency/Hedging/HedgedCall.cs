using AsyncPs.Concurrency.Waits;
using AsyncPs.Resilience;

namespace AsyncPs.Concurrency.Hedging;

/// <summary>
/// Makes attempts, and second attempts beside slow ones, on its own runners. Each attempt is an item there that can be canceled alone.
/// Disposing ends the attempts that still run.
/// </summary>
internal sealed class HedgedCall : IDisposable
{
    private readonly IHedgePolicy _policy;
    private readonly ConcurrentCall _call;
    private Exception? _failure;

    /// <summary>Opens the call that runs the attempts.</summary>
    /// <param name="policy">When a second attempt is made.</param>
    /// <param name="options">The options of the items, from which the options of an attempt are derived.</param>
    /// <param name="runner">Creates the runner of the attempts.</param>
    /// <param name="caller">The caller that waits for the attempts, if no item does.</param>
    public HedgedCall(IHedgePolicy policy, CallOptions options, Func<ConcurrentCall, IWorkRunner> runner, CallerLink? caller = null)
    {
        _policy = policy;
        var own = new CallOptions(CallLimits.Elsewhere)
        {
            Source = options.Source,
            Role = CallRole.Attempts,
            Awaits = options.Awaits,
            HasContext = options.HasContext,
            StopGrace = options.StopGrace,
            IsVerbose = options.IsVerbose,
        };
        _call = ConcurrentCall.OpenDetached(own, runner, Fail, caller);
    }

    /// <summary>
    /// Called when something fails that all attempts depend on. Without it, only the callers that wait for an attempt are notified.
    /// </summary>
    public Action<Exception>? Failed { get; set; }

    /// <summary>Makes an attempt, and a second one if it takes long.</summary>
    /// <param name="outer">The item that it is an attempt at, or null. Without one, an attempt fails only by an error that ends it.</param>
    /// <param name="input">The input object.</param>
    /// <param name="work">What the runner makes of it, or null.</param>
    /// <param name="cancellationToken">Ends all attempts.</param>
    /// <returns>The attempt that counts; it has failed if both have.</returns>
    /// <exception cref="OperationCanceledException">It was canceled, and all attempts have ended.</exception>
    public async Task<HedgedAttempt> RunAsync(WorkItem? outer, object? input, object? work, CancellationToken cancellationToken)
    {
        ValueTask<AttemptOutcome> Attempt(CancellationToken token)
            => AttemptAsync(outer, input, (work as IAttemptWork)?.Copy() ?? work, token);
        AttemptOutcome outcome = work is IAttemptWork { MayRunTwice: false }
            ? await Attempt(cancellationToken).ConfigureAwait(false)
            : await _policy.RunAsync(Attempt, cancellationToken).ConfigureAwait(false);
        return (HedgedAttempt)outcome.Result!;
    }

    /// <inheritdoc/>
    public void Dispose() => _call.Dispose();

    private async ValueTask<AttemptOutcome> AttemptAsync(WorkItem? outer, object? input, object? work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var attempt = new HedgedAttempt(outer, work);
        WorkItem item = Start(outer, input, attempt);
        ConcurrentStatus status;
        await using (cancellationToken.UnsafeRegister(static item => ((WorkItem)item!).Cancel(), item).ConfigureAwait(false))
        {
            status = await attempt.End.ConfigureAwait(false);
        }

        if (Volatile.Read(ref _failure) is { } failure)
        {
            throw failure;
        }

        attempt.EndedBy = item.EndedBy ?? item.AwaitError;
        if (status == ConcurrentStatus.Canceled && attempt.EndedBy is null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new OperationCanceledException();
        }

        ErrorRecord? error = attempt.EndedBy;
        if (outer is not null && item.Failed)
        {
            error ??= (ErrorRecord?)attempt.Records.LastOrDefault(static record => record.Kind == StreamKind.Error).Data;
        }

        return (error is null ? AttemptOutcome.Success : AttemptOutcome.Failure(error, mayRetry: false)).With(attempt);
    }

    private WorkItem Start(WorkItem? outer, object? input, HedgedAttempt attempt)
    {
        lock (_call)
        {
            return _call.Start(input, attempt.Work, attempt, outer);
        }
    }

    private void Fail(Exception failure)
    {
        if (Interlocked.CompareExchange(ref _failure, failure, null) is null)
        {
            Failed?.Invoke(failure);
        }
    }
}
