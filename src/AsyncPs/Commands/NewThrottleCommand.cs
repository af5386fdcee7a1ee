using AsyncPs.Commands.Parameters;
using AsyncPs.Throttling;

namespace AsyncPs.Commands;

/// <summary>
/// Creates a limiter for calls, jobs and runspaces: a number of concurrent permits (asyncio's <c>Semaphore</c>), a rate (a token
/// bucket), or both.
/// </summary>
[Cmdlet(VerbsCommon.New, "Throttle", DefaultParameterSetName = LimitSet)]
[OutputType(typeof(Throttle))]
public sealed class NewThrottleCommand : PSCmdlet
{
    private const string LimitSet = "Limit";
    private const string PerSecondSet = "PerSecond";
    private const string PermitsSet = "Permits";
    private const double HighestRate = 1e7;

    /// <summary>The largest number of permits held at the same time, from 1. Default: no limit, if there is a rate.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = LimitSet)]
    [Parameter(ParameterSetName = PerSecondSet)]
    [Parameter(ParameterSetName = PermitsSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Limit { get; set; }

    /// <summary>How many permits are granted per second; fractions are allowed.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PerSecondSet)]
    public double PerSecond { get; set; }

    /// <summary>How many permits are granted in the time of -Per.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PermitsSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Permits { get; set; }

    /// <summary>The time in which that many permits are granted. A number means seconds.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PermitsSet)]
    [Duration(AllowInfinite = false, AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Per { get; set; }

    /// <summary>
    /// How many permits can be granted at once after a pause. Default: the number of permits in a tenth of a second, at least 1.
    /// </summary>
    [Parameter(ParameterSetName = PerSecondSet)]
    [Parameter(ParameterSetName = PermitsSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Burst { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        double? rate = ParameterSetName switch
        {
            PerSecondSet => PerSecond,
            PermitsSet => Permits / Per.TotalSeconds,
            _ => null,
        };
        if (rate is not (null or (> 0 and <= HighestRate)))
        {
            ThrowTerminatingError(ThrottleErrors.RateOutOfRange(ParameterSetName, rate.Value));
        }

        WriteObject(new Throttle(Limit == 0 ? null : Limit, rate, Burst == 0 ? null : Burst));
    }
}
