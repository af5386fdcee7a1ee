using AsyncPs.Resilience;
using Polly;
using Polly.Retry;

namespace AsyncPs.Dependencies;

/// <summary>Retries on Polly.</summary>
internal sealed class RetryPolicy : IRetryPolicy
{
    private readonly ResiliencePipeline<AttemptOutcome> _pipeline;

    /// <summary>Builds the policy.</summary>
    public RetryPolicy(RetryOptions options)
    {
        var retry = new RetryStrategyOptions<AttemptOutcome>
        {
            MaxRetryAttempts = options.Count,
            Delay = options.Delay,
            MaxDelay = options.MaxDelay,
            BackoffType = options.Backoff switch
            {
                RetryBackoff.Constant => DelayBackoffType.Constant,
                RetryBackoff.Linear => DelayBackoffType.Linear,
                _ => DelayBackoffType.Exponential,
            },
            UseJitter = options.Jitter,
            Randomizer = options.Random,
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is { Succeeded: false, MayRetry: true }),
            DelayGenerator = arguments => ValueTask.FromResult(Limited(arguments.Outcome.Result?.Delay, options.MaxDelay)),
        };
        if (options.OnRetry is { } told)
        {
            retry.OnRetry = arguments => told(new RetryNotice(arguments.AttemptNumber + 1, arguments.Outcome.Result!, arguments.RetryDelay));
        }

        var builder = new ResiliencePipelineBuilder<AttemptOutcome> { TimeProvider = options.TimeProvider };
        _pipeline = builder.AddRetry(retry).Build();
    }

    /// <inheritdoc/>
    public async Task<AttemptOutcome> RunAsync(
        AttemptOutcome first, Func<int, CancellationToken, Task<AttemptOutcome>> again, CancellationToken cancellationToken)
        => await _pipeline.ExecuteAsync(
            static (attempts, token) => attempts.NextAsync(token), new Attempts(first, again), cancellationToken).ConfigureAwait(false);

    private static TimeSpan? Limited(TimeSpan? asked, TimeSpan longest) => asked > longest ? longest : asked;

    /// <summary>What Polly calls for each attempt; the first has been made already.</summary>
    private sealed class Attempts(AttemptOutcome first, Func<int, CancellationToken, Task<AttemptOutcome>> again)
    {
        private int _number;

        public ValueTask<AttemptOutcome> NextAsync(CancellationToken cancellationToken)
            => ++_number == 1 ? ValueTask.FromResult(first) : new ValueTask<AttemptOutcome>(again(_number, cancellationToken));
    }
}
