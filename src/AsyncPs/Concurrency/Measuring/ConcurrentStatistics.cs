using System.Diagnostics;
using System.Globalization;

namespace AsyncPs.Concurrency.Measuring;

/// <summary>
/// The statistics of a call so far: how many items it has had, how long they took, and what they waited for. Waiting times are sums over
/// all items, which wait concurrently, so they can be longer than the call.
/// </summary>
public sealed class ConcurrentStatistics
{
    // The share of the time of a call, or of its items, below which a wait is not a bottleneck.
    private const double Notable = 0.1;
    private const double Most = 0.5;

    private readonly TimeHistogram _times = new();
    private readonly TimeSum _itemTime = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _count;
    private long _failed;
    private long _retried;
    private long _end;

    internal ConcurrentStatistics(string command) => Command = command;

    /// <summary>The command.</summary>
    public string Command { get; }

    /// <summary>How long the call has taken, until its end or now.</summary>
    public TimeSpan Elapsed
        => Stopwatch.GetElapsedTime(_start, Volatile.Read(ref _end) is not 0 and var end ? end : Stopwatch.GetTimestamp());

    /// <summary>Whether the call has ended.</summary>
    public bool IsCompleted => Volatile.Read(ref _end) != 0;

    /// <summary>How many items have ended.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>How many of them have failed.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>How many retries there were.</summary>
    public long Retried => Volatile.Read(ref _retried);

    /// <summary>How many items have ended per second.</summary>
    public double PerSecond => Math.Round(Count / Math.Max(Elapsed.TotalSeconds, 1e-6), 1);

    /// <summary>
    /// The time that half of the items did not exceed, from their start to their end, including retries; up to 6 % too long.
    /// </summary>
    public TimeSpan P50 => _times.Percentile(0.5);

    /// <summary>As <see cref="P50"/>, for 95 % of the items.</summary>
    public TimeSpan P95 => _times.Percentile(0.95);

    /// <summary>As <see cref="P50"/>, for 99 % of the items.</summary>
    public TimeSpan P99 => _times.Percentile(0.99);

    /// <summary>The time of the item that took longest.</summary>
    public TimeSpan Longest => _times.Longest;

    /// <summary>The time of all items together.</summary>
    public TimeSpan ItemTime => _itemTime.Total;

    /// <summary>How long items have waited for a place under -ThrottleLimit.</summary>
    public TimeSpan LimitWait => Limit.Total;

    /// <summary>How long items have waited for a permit of -Throttle.</summary>
    public TimeSpan PermitWait => Permit.Total;

    /// <summary>How long items have waited for a worker, which was being opened or kept from running by busy processors.</summary>
    public TimeSpan WorkerWait => Worker.Total;

    /// <summary>How long items have waited until the pipeline took their output.</summary>
    public TimeSpan PipelineWait => Pipeline.Total;

    /// <summary>How long items have waited for earlier ones, because of -Ordered.</summary>
    public TimeSpan OrderWait => Order.Total;

    /// <summary>How long the call has waited for input while it had places for more items.</summary>
    public TimeSpan InputTime => Input.Total;

    /// <summary>How long the commands after this one have taken for the results.</summary>
    public TimeSpan OutputTime => Output.Total;

    /// <summary>What has kept the call from being faster.</summary>
    public ConcurrentBottleneck LimitedBy
    {
        get
        {
            TimeSpan elapsed = Elapsed;
            if (OutputTime > elapsed * Most)
            {
                return ConcurrentBottleneck.Pipeline;
            }

            if (InputTime > elapsed * Most)
            {
                return ConcurrentBottleneck.Input;
            }

            (TimeSpan Wait, ConcurrentBottleneck Cause) longest = new[]
            {
                (PipelineWait, ConcurrentBottleneck.Pipeline),
                (LimitWait, ConcurrentBottleneck.ThrottleLimit),
                (PermitWait, ConcurrentBottleneck.Throttle),
                (WorkerWait, ConcurrentBottleneck.Workers),
                (OrderWait, ConcurrentBottleneck.Order),
            }.Max();
            return longest.Wait > ItemTime * Notable ? longest.Cause : ConcurrentBottleneck.Items;
        }
    }

    internal TimeSum Limit { get; } = new();

    internal TimeSum Permit { get; } = new();

    internal TimeSum Worker { get; } = new();

    internal TimeSum Pipeline { get; } = new();

    internal TimeSum Order { get; } = new();

    internal TimeSum Input { get; } = new();

    internal TimeSum Output { get; } = new();

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.CurrentCulture, $"{Count} items, {Failed} failed, {PerSecond:0.#}/s, limited by {LimitedBy}");

    /// <summary>An item has ended.</summary>
    internal void Ended(TimeSpan time, bool failed)
    {
        _times.Add(time);
        _itemTime.Add(time);
        if (failed)
        {
            Interlocked.Increment(ref _failed);
        }

        Interlocked.Increment(ref _count);
    }

    /// <summary>An item is retried.</summary>
    internal void CountRetry() => Interlocked.Increment(ref _retried);

    /// <summary>The call has ended.</summary>
    internal void End() => Interlocked.CompareExchange(ref _end, Stopwatch.GetTimestamp(), 0);
}
