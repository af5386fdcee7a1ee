using AsyncPs.Resilience;
using Polly;
using Polly.Hedging;

namespace AsyncPs.Dependencies;

/// <summary>Second attempts on Polly.</summary>
internal sealed class HedgePolicy : IHedgePolicy
{
    private static readonly ResiliencePropertyKey<First> FirstKey = new(nameof(First));

    private readonly ResiliencePipeline<AttemptOutcome> _pipeline;

    /// <summary>Creates the policy.</summary>
    public HedgePolicy(HedgeOptions options)
    {
        var hedging = new HedgingStrategyOptions<AttemptOutcome>
        {
            MaxHedgedAttempts = 1,
            Delay = Delays.Least(options.Delay, Delays.Longest),
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is { Succeeded: false }),

            // Polly would start a second attempt at once if the first has failed.
            ActionGenerator = static arguments => arguments.PrimaryContext.Properties.GetValue(FirstKey, null!).HasFailed
                ? null
                : () => arguments.Callback(arguments.ActionContext),
        };
        var builder = new ResiliencePipelineBuilder<AttemptOutcome> { TimeProvider = options.TimeProvider };
        _pipeline = builder.AddHedging(hedging).Build();
    }

    /// <inheritdoc/>
    public async Task<AttemptOutcome> RunAsync(
        Func<CancellationToken, ValueTask<AttemptOutcome>> attempt,
        CancellationToken cancellationToken)
    {
        // The context is not returned to the pool, because an attempt that is being canceled still uses it.
        ResilienceContext context = ResilienceContextPool.Shared.Get(cancellationToken);
        var first = new First(attempt);
        context.Properties.Set(FirstKey, first);
        return await _pipeline
            .ExecuteAsync(static (context, first) => first.RunAsync(context.CancellationToken), context, first)
            .ConfigureAwait(false);
    }

    /// <summary>The callback that Polly calls for each attempt, and how the first attempt went.</summary>
    private sealed class First(Func<CancellationToken, ValueTask<AttemptOutcome>> attempt)
    {
        private int _number;
        private bool _failed;

        public bool HasFailed => Volatile.Read(ref _failed);

        public async ValueTask<AttemptOutcome> RunAsync(CancellationToken cancellationToken)
        {
            bool isFirst = Interlocked.Increment(ref _number) == 1;
            AttemptOutcome outcome = await attempt(cancellationToken).ConfigureAwait(false);
            if (isFirst && !outcome.Succeeded)
            {
                Volatile.Write(ref _failed, true);
            }

            return outcome;
        }
    }
}
