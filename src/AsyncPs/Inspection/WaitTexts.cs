using System.Diagnostics;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Jobs;
using AsyncPs.Pooling;
using AsyncPs.Queues;
using AsyncPs.Throttling;

namespace AsyncPs.Inspection;

/// <summary>Descriptions of waits.</summary>
internal static class WaitTexts
{
    // More names than this do not help.
    private const int MostNames = 5;

    /// <summary>The position of a command.</summary>
    public static string Place(CallSource source)
        => source.File is null ? source.Command : $"{source.Command} {Path.GetFileName(source.File)}:{source.Line}";

    /// <summary>What a strand waits for; null while it runs.</summary>
    public static ConcurrentWaitInfo? Describe(StrandNode node) => node.Note is not { } note ? null : new ConcurrentWaitInfo
    {
        Kind = note.Kind,
        Description = Text(note),
        HeldBy = note.Kind == WaitKind.Items ? [] : node.Holders.Take(MostNames).Select(static holder => holder.Name).ToArray(),
        Elapsed = note.Since == 0 ? null : Stopwatch.GetElapsedTime(note.Since),
        Until = node.Until,
    };

    /// <summary>What a call waits for as a whole; null if its items tell everything.</summary>
    public static ConcurrentWaitInfo? Describe(ConcurrentCall call)
    {
        bool hasItems = call.Queue.InFlightCount > 0;
        if (call.Output.IsFull)
        {
            return new ConcurrentWaitInfo { Kind = WaitKind.Pipeline, Description = "the pipeline, to take what the items have written" };
        }

        if (!hasItems && call.Queue.Count > 0)
        {
            int opening = call.OpeningWorkers;
            return new ConcurrentWaitInfo
            {
                Kind = WaitKind.Worker,
                Description = opening > 0 ? $"a worker: {opening} are being opened" : "a worker",
            };
        }

        if (hasItems || call.IsComplete)
        {
            return null;
        }

        return call.FedBy is { Count: > 0 } streams
            ? new ConcurrentWaitInfo
            {
                Kind = PSObjectExtensions.Unwrap(streams[0]) is AsyncQueue ? WaitKind.QueueItem : WaitKind.Stream,
                Description = "an item of " + Names(streams.Select(static stream => ResourceNames.Of(PSObjectExtensions.Unwrap(stream)!))),
            }
            : new ConcurrentWaitInfo { Kind = WaitKind.Stream, Description = "its input" };
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Take(MostNames));

    private static string Text(WaitNote note) => (note.Kind, note.Subject) switch
    {
        (WaitKind.Permit, Throttle { Limit: { } limit } throttle)
            => $"a permit of {ResourceNames.Of(throttle)} ({limit - Math.Min(throttle.Available, limit)} of {limit} taken)",
        (WaitKind.Permit, Throttle throttle) => $"a permit of {ResourceNames.Of(throttle)} ({throttle.PerSecond:0.##} a second)",
        (WaitKind.Permit, _) => "a permit",
        (WaitKind.QueueRoom, AsyncQueue queue) => $"room in {queue.Name} ({queue.Count} of {queue.Capacity})",
        (WaitKind.QueueItem, AsyncQueue queue) => $"an item of {queue.Name}",
        (WaitKind.QueueEnd, AsyncQueue queue)
            => $"the last item of {queue.Name} to be done ({queue.Count} wait, {queue.InFlight} are being dealt with)",
        (WaitKind.Job, ThrottledJob[] jobs)
            => "the jobs " + Names(jobs.Where(static job => !job.End.IsCompleted).Select(static job => job.Name)),
        (WaitKind.Job, Job job) => $"the job {job.Name}",
        (WaitKind.Job, _) => note.Text ?? "jobs",
        (WaitKind.Task, Task task) => ResourceNames.Of(task),
        (WaitKind.Task, _) => note.Text is { Length: > 0 } text ? text : "a task",
        (WaitKind.Stream, _) => "the next element of a stream",
        (WaitKind.CacheValue, { } cache) => $"the value of the key '{note.Text}' in {ResourceNames.Of(cache)}",
        (WaitKind.PoolObject, AsyncPool pool) => $"an object of {ResourceNames.Of(pool)} ({pool.InUse} of {pool.MaxSize} in use)",
        (WaitKind.Connection, _) => $"a connection of {note.Text}",
        (WaitKind.Request, _) => note.Text!,
        (WaitKind.Query, _) => "the database",
        (WaitKind.Event, { } bus) => $"the handlers of '{note.Text}' on {ResourceNames.Of(bus)}",
        (WaitKind.Sleep, _) => note.Text is { } text ? text : "a time",
        (WaitKind.Worker, _) => "a worker",
        (WaitKind.Items, ConcurrentCall call) => $"the items of #{call.Id}",
        (WaitKind.Items, _) => note.Text!,
        (WaitKind.Pipeline, _) => "the pipeline, to take what it has written",
        (WaitKind.Order, _) => "items before it, because results leave in order",
        _ => note.Text ?? note.Kind.ToString(),
    };
}
