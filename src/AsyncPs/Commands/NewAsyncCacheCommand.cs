using AsyncPs.Caching;
using AsyncPs.Commands.Parameters;

namespace AsyncPs.Commands;

/// <summary>
/// Creates a shared cache that computes each value once for all concurrent callers (like Python's <c>alru_cache</c>).
/// </summary>
[Cmdlet(VerbsCommon.New, "AsyncCache")]
[OutputType(typeof(AsyncCache))]
public sealed class NewAsyncCacheCommand : PSCmdlet
{
    /// <summary>How long a value is fresh after it was computed; a number means seconds. Default: no limit.</summary>
    [Parameter(Position = 0)]
    [Alias("Ttl")]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan TimeToLive { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long a value is kept without being read; a number means seconds. Default: no limit.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan SlidingExpiration { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>The largest number of values, from 1. Default: 10,000.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxCount { get; set; } = CacheOptions.DefaultMaxCount;

    /// <summary>
    /// How long a stale value is still returned while a new one is computed; a number means seconds. Default: not at all.
    /// </summary>
    [Parameter]
    [Duration(AllowInfinite = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan StaleWhileRevalidate { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (StaleWhileRevalidate > TimeSpan.Zero && TimeToLive == Timeout.InfiniteTimeSpan)
        {
            ThrowTerminatingError(ParameterErrors.NeedsParameter(nameof(StaleWhileRevalidate), nameof(TimeToLive)));
        }

        WriteObject(new AsyncCache(new CacheOptions
        {
            TimeToLive = Duration.Finite(TimeToLive),
            SlidingExpiration = Duration.Finite(SlidingExpiration),
            MaxCount = MaxCount,
            StaleWhileRevalidate = StaleWhileRevalidate,
        }));
    }
}
