using AsyncPs.Isolation;
using AsyncPs.Resilience;
using AsyncPs.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AsyncPs.Tests.Resilience;

public sealed class RetryPolicyTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly List<RetryNotice> _notices = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RetryBackoff.Constant, "1 1 1 1 1")]
    [InlineData(RetryBackoff.Linear, "1 2 3 4 5")]
    [InlineData(RetryBackoff.Exponential, "1 2 4 8 16")]
    internal async Task Delays_without_jitter_grow_as_the_backoff_says(RetryBackoff backoff, string expected)
    {
        await RunAsync(Options(5) with { Backoff = backoff }, failures: 999);

        Assert.Equal(expected, string.Join(' ', _notices.Select(n => n.Delay.TotalSeconds)));
    }

    [Theory]
    [InlineData(RetryBackoff.Constant, 0.75, 1.25)]
    [InlineData(RetryBackoff.Linear, 0.75, 1.25)]
    [InlineData(RetryBackoff.Exponential, 0, 1.5)]
    internal async Task Jitter_is_bounded_and_on_by_default(RetryBackoff backoff, double least, double most)
    {
        double[] numbers = [0, 0.001, 0.25, 0.5, 0.75, 0.999, 0.9999999];
        for (int first = 0; first < numbers.Length; first++)
        {
            _notices.Clear();
            int next = first;
            RetryOptions options = new(6)
            {
                Backoff = backoff,
                TimeProvider = _time,
                Random = () => numbers[next++ * 3 % numbers.Length],
            };
            await RunAsync(options, failures: 999);

            Assert.Equal(6, _notices.Count);
            Assert.All(_notices, notice => Assert.InRange(
                notice.Delay / Second / Nominal(backoff, notice.Attempt), least - 1e-9, most));
        }
    }

    [Fact]
    public async Task Jitter_spreads_what_failed_together()
    {
        for (int i = 0; i < 20; i++)
        {
            await RunAsync(new RetryOptions(1) { TimeProvider = _time }, failures: 999);
        }

        Assert.InRange(_notices.Select(n => n.Delay).Distinct().Count(), 18, 20);
    }

    [Fact]
    public async Task Delays_are_capped()
    {
        await RunAsync(Options(10) with { MaxDelay = TimeSpan.FromSeconds(5) }, failures: 999);

        Assert.Equal([1, 2, 4, 5, 5, 5, 5, 5, 5, 5], _notices.Select(n => n.Delay.TotalSeconds));
    }

    [Fact]
    public async Task Delays_do_not_overflow()
    {
        await RunAsync(Options(100) with { Delay = TimeSpan.FromHours(1), MaxDelay = TimeSpan.FromDays(49) }, failures: 999);

        Assert.Equal(TimeSpan.FromDays(1), _notices[^1].Delay);
        Assert.Equal(string.Join(",", Enumerable.Range(1, 100)), string.Join(",", _notices.Select(n => n.Attempt)));
    }

    [Fact]
    public async Task What_the_other_side_asks_for_replaces_the_backoff_under_the_cap()
    {
        TimeSpan?[] asked = [TimeSpan.FromSeconds(30), null, TimeSpan.Zero, TimeSpan.FromHours(10)];
        int attempt = 0;
        await RunAsync(
            Options(4) with { Jitter = true, Random = static () => 0.5, Backoff = RetryBackoff.Constant },
            Outcomes.Failed(delay: asked[0]),
            (_, _) => Task.FromResult(Outcomes.Failed(delay: ++attempt < asked.Length ? asked[attempt] : null)));

        Assert.Equal([30, 1, 0, 300], _notices.Select(n => n.Delay.TotalSeconds));
    }

    [Fact]
    public async Task The_first_attempt_is_not_made_again_and_the_others_are_numbered()
    {
        List<int> attempts = [];
        AttemptOutcome end = await RunAsync(Options(3), Outcomes.Failed(), (attempt, _) =>
        {
            attempts.Add(attempt);
            return Task.FromResult(attempt < 3 ? Outcomes.Failed() : AttemptOutcome.Success);
        });

        Assert.True(end.Succeeded);
        Assert.Equal([2, 3], attempts);
        Assert.Equal([1, 2], _notices.Select(n => n.Attempt));
    }

    [Fact]
    public async Task The_last_outcome_is_returned_when_all_attempts_failed()
    {
        AttemptOutcome last = Outcomes.Failed();
        AttemptOutcome end = await RunAsync(
            Options(2),
            Outcomes.Failed(),
            (attempt, _) => Task.FromResult(attempt == 3 ? last : Outcomes.Failed()));

        Assert.Same(last, end);
    }

    [Fact]
    public async Task What_may_not_be_retried_is_not()
    {
        AttemptOutcome final = Outcomes.Failed(mayRetry: false);
        Assert.Same(final, await RunAsync(Options(5), final, static (_, _) => throw new InvalidOperationException("Called.")));
        Assert.Same(final, await RunAsync(Options(5), Outcomes.Failed(), (_, _) => Task.FromResult(final)));
        Assert.Single(_notices);
    }

    [Fact]
    public async Task An_attempt_that_throws_ends_everything()
        => await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(
            Options(5),
            Outcomes.Failed(),
            static (_, _) => throw new InvalidDataException()));

    [Fact]
    public async Task Each_run_tells_its_own_and_what_it_is_told_may_end_it()
    {
        IRetryPolicy policy = Create(Options(3));
        List<int> told = [];
        Task<AttemptOutcome> one = policy.RunAsync(
            Outcomes.Failed(),
            static (_, _) => Task.FromResult(AttemptOutcome.Success),
            Note,
            Cancellation);
        Task<AttemptOutcome> other = policy.RunAsync(
            Outcomes.Failed(),
            static (_, _) => throw new InvalidOperationException("Called."),
            notice =>
            {
                told.Add(notice.Attempt);
                throw new InvalidDataException();
            },
            Cancellation);
        await AdvanceUntilAsync(Task.WhenAny(Task.WhenAll(one, other)));

        Assert.True((await one).Succeeded);
        await Assert.ThrowsAsync<InvalidDataException>(() => other);
        Assert.Equal([1], told);
        Assert.Single(_notices);
    }

    [Fact]
    public async Task Cancelling_ends_the_delay_at_once()
    {
        using var cancel = new CancellationTokenSource();
        Task<AttemptOutcome> run = Create(Options(5)).RunAsync(
            Outcomes.Failed(),
            static (_, _) => throw new InvalidOperationException("Called."),
            Note,
            cancel.Token);
        await Condition.UntilAsync(() => _notices.Count == 1, "it waits");
        Assert.False(run.IsCompleted);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(Condition.Deadline, Cancellation));
    }

    [Fact]
    public async Task The_token_reaches_the_attempts()
    {
        using var cancel = new CancellationTokenSource();
        CancellationToken seen = default;
        await RunAsync(Options(1), Outcomes.Failed(), (_, token) =>
        {
            seen = token;
            return Task.FromResult(AttemptOutcome.Success);
        }, cancel.Token);

        Assert.Equal(cancel.Token, seen);
    }

    [Fact]
    public async Task One_policy_serves_many_at_once()
    {
        IRetryPolicy policy = Create(Options(3));
        int made = 0;
        Task<AttemptOutcome>[] all = [.. Enumerable.Range(0, 1000).Select(_ => policy.RunAsync(
            Outcomes.Failed(),
            (attempt, _) =>
            {
                Interlocked.Increment(ref made);
                return Task.FromResult(attempt == 4 ? AttemptOutcome.Success : Outcomes.Failed());
            },
            told: null,
            Cancellation))];
        await AdvanceUntilAsync(Task.WhenAll(all));

        Assert.Equal(3000, made);
        Assert.All(await Task.WhenAll(all), outcome => Assert.True(outcome.Succeeded));
    }

    private static double Nominal(RetryBackoff backoff, int attempt) => backoff switch
    {
        RetryBackoff.Constant => 1,
        RetryBackoff.Linear => attempt,
        _ => Math.Pow(2, attempt - 1),
    };

    private static IRetryPolicy Create(RetryOptions options) => DependencyLoader.Get<IPolicies>().CreateRetry(options);

    private RetryOptions Options(int count) => new(count) { Delay = Second, Jitter = false, TimeProvider = _time };

    private ValueTask Note(RetryNotice notice)
    {
        lock (_notices)
        {
            _notices.Add(notice);
        }

        return ValueTask.CompletedTask;
    }

    private Task<AttemptOutcome> RunAsync(RetryOptions options, int failures)
        => RunAsync(
            options,
            Outcomes.Failed(),
            (attempt, _) => Task.FromResult(attempt <= failures ? Outcomes.Failed() : AttemptOutcome.Success));

    private async Task<AttemptOutcome> RunAsync(
        RetryOptions options,
        AttemptOutcome first,
        Func<int, CancellationToken, Task<AttemptOutcome>> again,
        CancellationToken? cancellation = null)
    {
        Task<AttemptOutcome> run = Create(options).RunAsync(first, again, Note, cancellation ?? Cancellation);
        await AdvanceUntilAsync(run);
        return await run;
    }

    private Task AdvanceUntilAsync(Task run) => _time.AdvanceUntilAsync(TimeSpan.FromDays(1), () => run.IsCompleted, "the run has ended");
}
