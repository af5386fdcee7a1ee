using System.Collections.Concurrent;
using System.Diagnostics;
using AsyncPs.Tests.Support;

namespace AsyncPs.Tests.Telemetry;

/// <summary>Listens to the spans of the module. Those of other tests come too.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<Activity> _ended = [];

    public SpanRecorder()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "AsyncPs",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans that have ended.</summary>
    public IReadOnlyList<Activity> Ended => [.. _ended];

    /// <summary>A span that has ended or will soon.</summary>
    public async Task<Activity> FindAsync(Func<Activity, bool> condition, string what)
    {
        Activity? found = null;
        await Condition.UntilAsync(() => (found = _ended.FirstOrDefault(condition)) is not null, what);
        return found!;
    }

    /// <summary>The spans below one, in the order of the items.</summary>
    public IReadOnlyList<Activity> Below(Activity parent)
        => [.. _ended.Where(span => span.ParentSpanId == parent.SpanId && span.TraceId == parent.TraceId)
            .OrderBy(static span => (long?)span.GetTagItem("asyncps.item.index") ?? -1)];

    public void Dispose() => _listener.Dispose();
}
