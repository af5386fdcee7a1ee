using System.Diagnostics;
using System.Management.Automation.Runspaces;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Jobs;

namespace AsyncPs.Inspection;

/// <summary>Describes the calls of this process, without stopping anything.</summary>
internal static class CallInspector
{
    private const int MostItems = 1000;

    /// <summary>The calls, and the sessions that wait in a command of the module outside any call.</summary>
    public static IReadOnlyList<ConcurrentCallInfo> Inspect()
    {
        var picture = new WaitPicture();
        return
        [
            .. picture.Sessions.Where(node => node.Note is { Kind: not WaitKind.Items }).Select(Describe),
            .. picture.Calls.Select(call => Describe(picture, call)),
        ];
    }

    private static ConcurrentCallInfo Describe(StrandNode node)
    {
        Runspace? session = ((SessionStrand)node.Strand).Session;
        IReadOnlyList<string> stack = session is null ? [] : ScriptStack.Read(session, skipOutermost: 0);
        TimeSpan elapsed = node.Note!.Since == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(node.Note.Since);
        return new ConcurrentCallInfo
        {
            Kind = ConcurrentCallKind.Session,
            Name = node.Name,
            Session = node.Name,
            Command = node.Note.Text is { } text && node.Note.Kind == WaitKind.Command ? text : node.Note.Kind.ToString(),
            Text = stack is [var innermost, ..] ? innermost : "",
            Started = DateTime.Now - elapsed,
            Elapsed = elapsed,
            WaitsFor = WaitTexts.Describe(node),
            IsDeadlocked = node.IsInCircle,
            ProcessId = Environment.ProcessId,
        };
    }

    private static ConcurrentCallInfo Describe(WaitPicture picture, ConcurrentCall call)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(call.OpenedAt);
        CallSource? source = call.Options.Source;
        IReadOnlyList<RunningItem> items = picture.ItemsOf(call);
        Strand? caller = WaitPicture.CallerOf(call);
        WorkItem? outer = caller as WorkItem
            ?? items.Select(static running => running.Item.Outer).FirstOrDefault(static item => item is not null);
        return new ConcurrentCallInfo
        {
            Id = call.Id,
            Kind = KindOf(source?.Command, items),
            Name = source?.Name,
            Command = source?.Command ?? "",
            Script = source?.File,
            Line = source?.Line ?? 0,
            Text = source?.Text ?? "",
            Started = DateTime.Now - elapsed,
            Elapsed = elapsed,
            Added = call.Added,
            Finished = call.Finished,
            Failed = call.Failed,
            Retried = call.Retried,
            Running = call.Queue.InFlightCount,
            Waiting = call.Queue.Count,
            Limit = call.Options.OwnThrottle?.Limit ?? (call.Options.Limits.InFlight == int.MaxValue ? null : call.Options.Limits.InFlight),
            Workers = call.Workers,
            IsComplete = call.IsComplete,
            IsEnding = call.IsEnding,
            Session = (caller as SessionStrand)?.Session?.Name ?? call.Home?.Name,
            Parent = outer is null ? null : picture.Find(outer)?.Name,
            Group = call.Scope is TaskGroup { Source: { } group } ? WaitTexts.Place(group) : null,
            WaitsFor = WaitTexts.Describe(call),
            Items = items.Take(MostItems).Select(running => Describe(picture, running)).ToArray(),
            IsDeadlocked = items.Any(running => picture.Find(running.Item) is { IsInCircle: true }),
            ProcessId = Environment.ProcessId,
        };
    }

    private static ConcurrentItemInfo Describe(WaitPicture picture, RunningItem running)
    {
        WorkItem item = running.Item;
        StrandNode node = picture.Find(item)!;
        IReadOnlyList<string> stack = running.Session is null ? [] : ScriptStack.Read(running.Session, skipOutermost: 1);
        if (stack is [] && running.Place is not null)
        {
            stack = [ScriptStack.Show(running.Place)];
        }

        long startedAt = item.State?.StartedAt ?? 0;
        return new ConcurrentItemInfo
        {
            CallId = item.Call.Id,
            Index = item.Index,
            Attempt = item.State?.Attempt ?? 1,
            Job = item.Sink?.Name,
            Input = item is { Input: { } input, Work: null } ? ViewText.Of(input) : null,
            Runs = stack is [var innermost, ..] ? innermost : item.Call.Describe(item) ?? "",
            Stack = stack,
            Elapsed = startedAt != 0 ? Stopwatch.GetElapsedTime(startedAt)
                : running.Since != 0 ? TimeSpan.FromMilliseconds(Environment.TickCount64 - running.Since)
                : null,
            WaitsFor = WaitTexts.Describe(node),
            IsDeadlocked = node.IsInCircle,
        };
    }

    private static ConcurrentCallKind KindOf(string? command, IReadOnlyList<RunningItem> items) => command switch
    {
        _ when items.Any(static running => running.Item.Outer is not null) => ConcurrentCallKind.Attempts,
        "Start-Throttled" => ConcurrentCallKind.Jobs,
        "Start-AsyncServer" or "Invoke-AsyncRoute" => ConcurrentCallKind.Server,
        "New-AsyncStream" => ConcurrentCallKind.Stream,
        "Register-AsyncEvent" => ConcurrentCallKind.Subscription,
        "Invoke-ConcurrentQuery" => ConcurrentCallKind.Query,
        "Import-ConcurrentData" => ConcurrentCallKind.Import,
        "Invoke-Concurrent" => ConcurrentCallKind.Call,
        "Invoke-WithRetry" => ConcurrentCallKind.Attempts,
        _ => ConcurrentCallKind.Block,
    };
}
