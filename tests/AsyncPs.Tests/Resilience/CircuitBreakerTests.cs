using System.Management.Automation;
using AsyncPs.Resilience;
using AsyncPs.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AsyncPs.Tests.Resilience;

public sealed class CircuitBreakerTests
{
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly CircuitBreaker _breaker;

    public CircuitBreakerTests() => _breaker = new CircuitBreaker(new CircuitOptions
    {
        FailureRatio = 0.5,
        MinimumThroughput = 4,
        SamplingTime = TimeSpan.FromSeconds(10),
        BreakTime = Break,
        TimeProvider = _time,
    });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void It_opens_when_enough_calls_were_made_and_too_many_failed()
    {
        Call(fails: true);
        Call(fails: true);
        Call(fails: false);
        Assert.Equal(CircuitState.Closed, _breaker.State);
        Assert.Null(_breaker.RetryAfter);

        Call(fails: true);

        Assert.Equal(CircuitState.Open, _breaker.State);
        Assert.Equal(Break, _breaker.RetryAfter);
        Assert.Equal("no", _breaker.LastError!.ToString());
    }

    [Fact]
    public void Few_failures_and_old_ones_do_not_open_it()
    {
        for (int i = 0; i < 20; i++)
        {
            Call(fails: i % 4 == 3);
        }

        for (int i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            Call(fails: true);
        }

        Assert.Equal(CircuitState.Closed, _breaker.State);
    }

    [Fact]
    public void Failures_that_no_retry_helps_do_not_count()
    {
        for (int i = 0; i < 20; i++)
        {
            _breaker.Run(static () => Outcomes.Failed(mayRetry: false));
        }

        Assert.Equal(CircuitState.Closed, _breaker.State);
        Assert.Null(_breaker.LastError);
    }

    [Fact]
    public void An_open_one_refuses_at_once_and_says_until_when()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(10));

        AttemptOutcome outcome = Call(fails: false, expectMade: false);

        Assert.Equal("CircuitOpen", outcome.Error!.FullyQualifiedErrorId);
        CircuitOpenException exception = Assert.IsType<CircuitOpenException>(outcome.Error.Exception);
        Assert.Equal(TimeSpan.FromSeconds(20), exception.RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(20), _breaker.RetryAfter);
        Assert.Contains("20 s", exception.Message, StringComparison.Ordinal);
        Assert.Equal("no", _breaker.LastError!.ToString());
    }

    [Fact]
    public void After_the_break_one_good_call_closes_it()
    {
        Open();
        _time.Advance(Break);
        Assert.Equal(CircuitState.HalfOpen, _breaker.State);

        Assert.True(Call(fails: false).Succeeded);

        Assert.Equal(CircuitState.Closed, _breaker.State);
        Call(fails: true);
        Assert.Equal(CircuitState.Closed, _breaker.State);
    }

    [Fact]
    public void After_the_break_one_bad_call_opens_it_again()
    {
        Open();
        _time.Advance(Break);

        Call(fails: true);

        Assert.Equal(CircuitState.Open, _breaker.State);
        Assert.Equal(Break, _breaker.RetryAfter);
    }

    [Fact]
    public async Task While_one_call_probes_the_others_are_refused()
    {
        Open();
        _time.Advance(Break);
        var end = new TaskCompletionSource<AttemptOutcome>();
        Task<AttemptOutcome> probe = _breaker.RunAsync(_ => new ValueTask<AttemptOutcome>(end.Task), Cancellation).AsTask();
        Assert.Equal(CircuitState.HalfOpen, _breaker.State);

        for (int i = 0; i < 10; i++)
        {
            Call(fails: false, expectMade: false);
        }

        end.SetResult(AttemptOutcome.Success);
        Assert.True((await probe).Succeeded);
        Assert.Equal(CircuitState.Closed, _breaker.State);
    }

    [Fact]
    public void A_probe_that_is_broken_off_has_found_out_nothing()
    {
        Open();
        _time.Advance(Break);

        Assert.Throws<PipelineStoppedException>(() => _breaker.Run(static () => throw new PipelineStoppedException()));

        Assert.Equal(CircuitState.Open, _breaker.State);
        _time.Advance(Break);
        Call(fails: false);
        Assert.Equal(CircuitState.Closed, _breaker.State);
    }

    [Fact]
    public void Calls_that_are_broken_off_do_not_open_it()
    {
        for (int i = 0; i < 20; i++)
        {
            Assert.Throws<OperationCanceledException>(() => _breaker.Run(static () => throw new OperationCanceledException()));
        }

        Assert.Equal(CircuitState.Closed, _breaker.State);
    }

    [Fact]
    public void It_can_be_opened_and_closed_by_hand()
    {
        _breaker.Isolate();
        Assert.Equal(CircuitState.Isolated, _breaker.State);
        _time.Advance(TimeSpan.FromDays(1));
        AttemptOutcome outcome = Call(fails: false, expectMade: false);
        Assert.Null(Assert.IsType<CircuitOpenException>(outcome.Error!.Exception).RetryAfter);

        _breaker.Close();
        Assert.True(Call(fails: false).Succeeded);

        Open();
        _breaker.Close();
        Assert.Null(_breaker.LastError);
        Assert.True(Call(fails: false).Succeeded);
    }

    [Fact]
    public async Task Asynchronous_calls_count_the_same()
    {
        for (int i = 0; i < 4; i++)
        {
            AttemptOutcome outcome = await _breaker.RunAsync(
                static async _ =>
                {
                    await Task.Yield();
                    return Outcomes.Failed();
                },
                Cancellation);
            Assert.False(outcome.Succeeded);
        }

        Assert.Equal(CircuitState.Open, _breaker.State);
        Assert.Equal(
            "CircuitOpen",
            (await _breaker.RunAsync(
                static _ => throw new InvalidOperationException("Called."),
                Cancellation)).Error!.FullyQualifiedErrorId);
    }

    [Fact]
    public void Attempts_made_elsewhere_count_the_same()
    {
        for (int i = 0; i < 4; i++)
        {
            Assert.Null(_breaker.Enter(out CircuitProbe? none));
            Assert.Null(none);
            _breaker.Leave(none, Outcomes.Failed());
        }

        Assert.Equal(CircuitState.Open, _breaker.State);
        Assert.Equal("no", _breaker.LastError!.ToString());
        Assert.Equal("CircuitOpen", _breaker.Enter(out _)!.FullyQualifiedErrorId);
        _breaker.Leave(null, AttemptOutcome.Success);
        Assert.Equal(CircuitState.Open, _breaker.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_probe_made_elsewhere_decides_and_the_others_are_refused(bool succeeds)
    {
        Open();
        _time.Advance(Break);

        Assert.Null(_breaker.Enter(out CircuitProbe? probe));
        Assert.NotNull(probe);
        Assert.Equal("CircuitOpen", _breaker.Enter(out _)!.FullyQualifiedErrorId);

        _breaker.Leave(probe, succeeds ? AttemptOutcome.Success : Outcomes.Failed());
        await Condition.UntilAsync(() => _breaker.State == (succeeds ? CircuitState.Closed : CircuitState.Open), "the breaker knows");
    }

    [Fact]
    public async Task A_probe_made_elsewhere_that_is_broken_off_has_found_out_nothing()
    {
        Open();
        _time.Advance(Break);
        Assert.Null(_breaker.Enter(out CircuitProbe? probe));

        _breaker.Leave(probe, outcome: null);

        await Condition.UntilAsync(() => _breaker.State == CircuitState.Open, "the breaker knows");
        _time.Advance(Break);
        Call(fails: false);
        Assert.Equal(CircuitState.Closed, _breaker.State);
    }

    private void Open()
    {
        while (_breaker.State == CircuitState.Closed)
        {
            Call(fails: true);
        }

        Assert.Equal(CircuitState.Open, _breaker.State);
    }

    private AttemptOutcome Call(bool fails, bool expectMade = true)
    {
        bool made = false;
        AttemptOutcome outcome = _breaker.Run(() =>
        {
            made = true;
            return fails ? Outcomes.Failed() : AttemptOutcome.Success;
        });
        Assert.Equal(expectMade, made);
        return outcome;
    }
}
