using AsyncPs.Isolation;
using AsyncPs.Resilience;
using AsyncPs.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AsyncPs.Tests.Resilience;

public sealed class HedgePolicyTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly List<Attempt> _attempts = [];
    private readonly IHedgePolicy _policy;

    public HedgePolicyTests() => _policy = DependencyLoader.Get<IPolicies>().CreateHedge(new HedgeOptions(Delay) { TimeProvider = _time });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_attempt_that_ends_in_time_stays_alone()
    {
        Task<AttemptOutcome> run = RunAsync(Cancellation);
        _time.Advance(Delay - TimeSpan.FromMilliseconds(1));

        _attempts[0].End.SetResult(Success(0));

        Assert.Equal(0, (await run).Result);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Single(_attempts);
    }

    [Fact]
    public async Task An_attempt_that_has_failed_is_for_retries_and_stays_alone()
    {
        Task<AttemptOutcome> run = RunAsync(Cancellation);

        _attempts[0].End.SetResult(Outcomes.Failed());

        Assert.False((await run).Succeeded);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Single(_attempts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task After_the_delay_there_are_two_and_the_first_that_succeeds_counts(int winner)
    {
        Task<AttemptOutcome> run = RunAsync(Cancellation);
        await SecondAsync();

        _attempts[winner].End.SetResult(Success(winner));

        Assert.Equal(winner, (await run).Result);
        await Condition.UntilAsync(() => _attempts[1 - winner].Token.IsCancellationRequested, "the other is canceled");
        Assert.False(_attempts[winner].Token.IsCancellationRequested);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task One_that_fails_waits_for_the_other(int loser)
    {
        Task<AttemptOutcome> run = RunAsync(Cancellation);
        await SecondAsync();

        _attempts[loser].End.SetResult(Outcomes.Failed());
        Assert.False(run.IsCompleted);
        _attempts[1 - loser].End.SetResult(Success(1 - loser));

        Assert.Equal(1 - loser, (await run).Result);
    }

    [Fact]
    public async Task When_both_fail_it_has_failed()
    {
        Task<AttemptOutcome> run = RunAsync(Cancellation);
        await SecondAsync();

        _attempts[0].End.SetResult(Outcomes.Failed());
        _attempts[1].End.SetResult(Outcomes.Failed());

        Assert.False((await run).Succeeded);
        Assert.Equal(2, _attempts.Count);
    }

    [Fact]
    public async Task Cancelling_cancels_both()
    {
        using var cancel = new CancellationTokenSource();
        Task<AttemptOutcome> run = RunAsync(cancel.Token);
        await SecondAsync();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(Condition.Deadline, Cancellation));
        Assert.All(_attempts, static attempt => Assert.True(attempt.Token.IsCancellationRequested));
    }

    [Fact]
    public async Task What_an_attempt_throws_ends_everything()
    {
        Task<AttemptOutcome> run = RunAsync(Cancellation);
        await SecondAsync();

        _attempts[1].End.SetException(new InvalidDataException());

        await Assert.ThrowsAsync<InvalidDataException>(() => run);
        await Condition.UntilAsync(() => _attempts[0].Token.IsCancellationRequested, "the other is canceled");
    }

    private static AttemptOutcome Success(int attempt) => AttemptOutcome.Success.With(attempt);

    private Task<AttemptOutcome> RunAsync(CancellationToken cancellationToken) => _policy.RunAsync(
        async token =>
        {
            var attempt = new Attempt(token);
            lock (_attempts)
            {
                _attempts.Add(attempt);
            }

            return await attempt.End.Task.WaitAsync(token);
        },
        cancellationToken);

    private Task SecondAsync() => _time.AdvanceUntilAsync(
        Delay,
        () =>
        {
            lock (_attempts)
            {
                return _attempts.Count == 2;
            }
        },
        "there is a second attempt");

    private sealed record Attempt(CancellationToken Token)
    {
        public TaskCompletionSource<AttemptOutcome> End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
