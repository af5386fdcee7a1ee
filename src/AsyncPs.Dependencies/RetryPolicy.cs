using AsyncPs.Resilience;
using Polly;
using Polly.Retry;

namespace AsyncPs.Dependencies;

/// <summary>Retries on Polly.</summary>
internal sealed class RetryPolicy : IRetryPolicy
{
    private static readonly ResiliencePropertyKey<Func<RetryNotice, ValueTask>?> Told = new(nameof(Told));

    private readonly ResiliencePipeline<AttemptOutcome> _pipeline;

    /// <summary>Creates the policy.</summary>
    public RetryPolicy(RetryOptions options)
    {
        TimeSpan longest = Delays.Least(options.MaxDelay, Delays.Longest);
        var retry = new RetryStrategyOptions<AttemptOutcome>
        {
            MaxRetryAttempts = options.Count,
            Delay = Delays.Least(options.Delay, longest),
            MaxDelay = longest,
            BackoffType = options.Backoff switch
            {
                RetryBackoff.Constant => DelayBackoffType.Constant,
                RetryBackoff.Linear => DelayBackoffType.Linear,
                _ => DelayBackoffType.Exponential,
            },
            UseJitter = options.Jitter,
            Randomizer = options.Random,
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is { Succeeded: false, MayRetry: true }),
            DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(
                arguments.Outcome.Result?.Delay is { } asked ? Delays.Least(asked, longest) : null),
            OnRetry = static arguments => arguments.Context.Properties.GetValue(Told, null) is { } told
                ? told(new RetryNotice(arguments.AttemptNumber + 1, arguments.Outcome.Result!.Error!, arguments.RetryDelay))
                : default,
        };

        var builder = new ResiliencePipelineBuilder<AttemptOutcome> { TimeProvider = options.TimeProvider };
        _pipeline = builder.AddRetry(retry).Build();
    }

    /// <inheritdoc/>
    public async Task<AttemptOutcome> RunAsync(
        AttemptOutcome first,
        Func<int, CancellationToken, Task<AttemptOutcome>> again,
        Func<RetryNotice, ValueTask>? told,
        CancellationToken cancellationToken)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Told, told);
        try
        {
            return await _pipeline.ExecuteAsync(
                static (context, attempts) => attempts.NextAsync(context.CancellationToken), context, new Attempts(first, again))
                    .ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>The callback that Polly calls for each attempt. The first one was already made.</summary>
    private sealed class Attempts(AttemptOutcome first, Func<int, CancellationToken, Task<AttemptOutcome>> again)
    {
        private int _number;

        public ValueTask<AttemptOutcome> NextAsync(CancellationToken cancellationToken)
            => ++_number == 1 ? ValueTask.FromResult(first) : new ValueTask<AttemptOutcome>(again(_number, cancellationToken));
    }
}
