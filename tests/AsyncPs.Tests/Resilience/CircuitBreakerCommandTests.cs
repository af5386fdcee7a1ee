using AsyncPs.Resilience;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Resilience;

public sealed class CircuitBreakerCommandTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("New-CircuitBreaker 2", "ParameterArgumentValidationError")]
    [InlineData("New-CircuitBreaker -MinimumThroughput 1", "ParameterArgumentValidationError")]
    [InlineData("New-CircuitBreaker -BreakTime 100ms", "CircuitTimeOutOfRange")]
    [InlineData("New-CircuitBreaker -SamplingTime 2d", "CircuitTimeOutOfRange")]
    public async Task Bad_arguments_are_errors(string script, string id)
        => Assert.Equal(
            $"{id},AsyncPs.Commands.NewCircuitBreakerCommand",
            (await _session.FailStatementAsync(script)).FullyQualifiedErrorId);

    [Fact]
    public async Task A_circuit_breaker_is_what_was_asked_for()
    {
        ScriptRun run = await _session.RunAsync("New-CircuitBreaker 0.2 -MinimumThroughput 5 -SamplingTime 1m -BreakTime 500ms");
        CircuitBreaker breaker = Assert.IsType<CircuitBreaker>(Assert.Single(run.Output));

        Assert.Equal(
            (0.2, 5, TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(500), CircuitState.Closed),
            (breaker.FailureRatio, breaker.MinimumThroughput, breaker.SamplingTime, breaker.BreakTime, breaker.State));
    }
}
