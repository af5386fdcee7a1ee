using AsyncPs.Commands.Parameters;
using AsyncPs.Resilience;

namespace AsyncPs.Commands;

/// <summary>
/// Creates a shared circuit breaker. It rejects calls after too many failures, until a pause is over and one call has succeeded.
/// </summary>
[Cmdlet(VerbsCommon.New, "CircuitBreaker")]
[OutputType(typeof(CircuitBreaker))]
public sealed class NewCircuitBreakerCommand : PSCmdlet
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>The share of calls that must have failed for it to open, above 0 and up to 1. Default: 0.5.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(0.000001, 1.0)]
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>The number of calls in -SamplingTime that it needs to open, from 2. Default: 10.</summary>
    [Parameter]
    [ValidateRange(2, int.MaxValue)]
    public int MinimumThroughput { get; set; } = 10;

    /// <summary>The time over which calls are counted, from half a second to a day; a number means seconds. Default: 30 s.</summary>
    [Parameter]
    [Duration(AllowInfinite = false, AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan SamplingTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long it stays open before one call is let through, from half a second to a day; a number means seconds. Default: 30 s.
    /// </summary>
    [Parameter]
    [Duration(AllowInfinite = false, AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan BreakTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Check(nameof(SamplingTime), SamplingTime);
        Check(nameof(BreakTime), BreakTime);
        WriteObject(new CircuitBreaker(new CircuitOptions
        {
            FailureRatio = FailureRatio,
            MinimumThroughput = MinimumThroughput,
            SamplingTime = SamplingTime,
            BreakTime = BreakTime,
        }));
    }

    private void Check(string parameter, TimeSpan value)
    {
        if (value < Shortest || value > Longest)
        {
            ThrowTerminatingError(ResilienceErrors.CircuitTimeOutOfRange(parameter, value, Shortest, Longest));
        }
    }
}
