using System.Diagnostics;
using System.Management.Automation.Runspaces;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Jobs;
using AsyncPs.Pooling;
using AsyncPs.Queues;
using AsyncPs.Throttling;

namespace AsyncPs.Inspection;

/// <summary>
/// The graph of waits at one moment. The strands run on while it is drawn, so it may contain a wait that has just ended.
/// </summary>
internal sealed class WaitPicture
{
    private static readonly HashSet<string> SleepCommands = new(StringComparer.OrdinalIgnoreCase) { "Start-Sleep", "sleep" };

    private readonly Dictionary<Strand, StrandNode> _nodes = [];
    private readonly Dictionary<ConcurrentCall, IReadOnlyList<RunningItem>> _items = [];

    /// <summary>Draws the graph.</summary>
    public WaitPicture()
    {
        Calls = LiveCalls.Snapshot();
        foreach (ConcurrentCall call in Calls)
        {
            _items[call] = call.ItemsInFlight();
            foreach (RunningItem running in _items[call])
            {
                _nodes[running.Item] = new StrandNode(running.Item, $"#{call.Id}[{running.Item.Index}]");
            }
        }

        foreach (SessionStrand session in SessionStrand.All)
        {
            _nodes[session] = new StrandNode(session, session.Session?.Name ?? "a thread");
        }

        foreach (RunningItem running in _items.Values.SelectMany(static items => items))
        {
            Note(running);
        }

        foreach (StrandNode node in _nodes.Values)
        {
            node.Note ??= node.Strand.Waits ?? NoteOfCalls(node.Strand);
            AddHolders(node);
        }

        Deadlocks.Mark(_nodes.Values);
    }

    /// <summary>The calls, in the order in which they were opened.</summary>
    public IReadOnlyList<ConcurrentCall> Calls { get; }

    /// <summary>The items of a call that are in flight.</summary>
    public IReadOnlyList<RunningItem> ItemsOf(ConcurrentCall call) => _items[call];

    /// <summary>The nodes of the items of a call in flight.</summary>
    public IEnumerable<StrandNode> NodesOf(ConcurrentCall call)
        => _items.GetValueOrDefault(call, []).Select(running => _nodes[running.Item]);

    /// <summary>The nodes of sessions.</summary>
    public IEnumerable<StrandNode> Sessions => _nodes.Values.Where(static node => node.Strand is SessionStrand);

    /// <summary>The node of a strand, or null if it is no longer in flight.</summary>
    public StrandNode? Find(Strand strand) => _nodes.GetValueOrDefault(strand);

    /// <summary>The strand that waits for a call, or null.</summary>
    public static Strand? CallerOf(ConcurrentCall call) => call.Caller?.Strand ?? call.Scope?.Owner?.Strand;

    private void Note(RunningItem running)
    {
        WorkItem item = running.Item;
        StrandNode node = _nodes[item];
        if (item.Waits is { } noted)
        {
            node.Note = noted;
        }
        else if (item.Paused?.Waits is { } ofBlock)
        {
            node.Note = ofBlock;
        }
        else if (item.State?.Permit is { AskedAt: > 0 } permit)
        {
            node.Note = new WaitNote(WaitKind.Permit, permit.Lacking) { Since = SinceOf(permit.AskedAt) };
        }
        else if (item.State?.RetryAt is > 0 and var at)
        {
            node.Note = new WaitNote(WaitKind.Sleep, Text: "its next attempt");
            node.Until = DateTime.Now.AddMilliseconds(at - Environment.TickCount64);
        }
        else if (running.Session is null && item.Awaited is { IsRunning: true } awaited)
        {
            node.Note = new WaitNote(WaitKind.Task, Text: "a task that it has written") { Since = SinceOf(awaited.Since) };
        }
        else if (NoteOfCalls(item) is { } ofCalls)
        {
            node.Note = ofCalls;
        }
        else if (running.Session is { } session && IsSleep(session, out string? statement))
        {
            node.Note = new WaitNote(WaitKind.Sleep, Text: statement);
        }
        else if (running is { Session: null, Since: 0 } && !item.IsAside)
        {
            node.Note = new WaitNote(WaitKind.Worker);
        }
    }

    // A caller waits for its items, unless it was woken to write their output.
    private WaitNote? NoteOfCalls(Strand strand)
    {
        if (Calls.FirstOrDefault(call => call.Caller?.Strand == strand && call.Output.ReaderSleeps) is { } called)
        {
            return new WaitNote(WaitKind.Items, called);
        }

        return strand is WorkItem && _nodes.Values.Any(node => node.Strand is WorkItem { Outer: { } outer } && outer == strand)
            ? new WaitNote(WaitKind.Items, strand, "its attempts")
            : null;
    }

    private void AddHolders(StrandNode node)
    {
        switch (node.Note)
        {
            case { Kind: WaitKind.Permit, Subject: Throttle throttle }:
                AddPlaces(node, throttle, throttle.Limit);
                break;
            case { Kind: WaitKind.PoolObject, Subject: AsyncPool pool }:
                AddPlaces(node, pool.Places, pool.MaxSize);
                break;
            case { Kind: WaitKind.Connection, Subject: { } connections }:
                AddPlaces(node, connections, null);
                node.Holders.AddRange(_nodes.Values.Where(
                    other => other.Note is { Kind: WaitKind.Query, Subject: { } used } && used == connections));
                break;
            case { Kind: WaitKind.QueueRoom, Subject: AsyncQueue queue }:
                IReadOnlyList<(object Reader, int Places)> readers = queue.KnownReaders;
                Add(node, readers.SelectMany(known => ReadersOf(known.Reader)), all: readers.Count > 0, needsAll: false);
                break;
            case { Kind: WaitKind.Job, Subject: Job job }:
                Add(node, ItemsOf(job), all: true, needsAll: true);
                break;
            case { Kind: WaitKind.Job, Subject: ThrottledJob[] jobs }:
                Add(node, jobs.SelectMany(ItemsOf), all: true, needsAll: true);
                break;
            case { Kind: WaitKind.Job, Subject: null }:
                Add(node, Calls.Where(call => call.Scope?.Owner?.Strand == node.Strand).SelectMany(NodesOf), all: true, needsAll: true);
                break;
            case { Kind: WaitKind.Items, Subject: ConcurrentCall call }:
                Add(node, NodesOf(call), all: true, needsAll: true);
                break;
            case { Kind: WaitKind.Items, Subject: WorkItem item }:
                IEnumerable<StrandNode> attempts = _nodes.Values
                    .Where(other => other.Strand is WorkItem { Outer: { } outer } && outer == item);
                Add(node, attempts, all: true, needsAll: false);
                break;
            case { Kind: WaitKind.CacheValue or WaitKind.QueueEnd or WaitKind.Event }:
                object[] awaited = [.. WaitGraph.AwaitedBy(node.Strand)];
                IEnumerable<StrandNode> workers = _nodes.Values.Where(other => awaited.Any(other.Strand.Holds));
                Add(node, workers, all: node.Note.Kind == WaitKind.CacheValue, needsAll: true);
                break;
            default:
                break;
        }
    }

    private void AddPlaces(StrandNode node, object resource, int? places)
    {
        int held = 0;
        foreach (StrandNode other in _nodes.Values)
        {
            int own = PlacesOf(other.Strand, resource);
            held += own;
            if (own > 0)
            {
                node.Holders.Add(other);
            }
        }

        // Other code than items and sessions may hold some places, which may then be returned.
        node.HoldersAreAll = held >= places;
    }

    private static int PlacesOf(Strand strand, object resource)
        => strand.HoldsOf(CallerLink.All(strand)).Count(hold => hold.Resource == resource)
            + (strand is WorkItem item && (item.State?.Permit?.Has(resource) ?? false) ? 1 : 0);

    private static void Add(StrandNode node, IEnumerable<StrandNode> holders, bool all, bool needsAll)
    {
        node.Holders.AddRange(holders.Where(holder => holder != node).Distinct());
        (node.HoldersAreAll, node.NeedsAll) = (all, needsAll);
    }

    private IEnumerable<StrandNode> ItemsOf(Job job) => _nodes.Values.Where(other => other.Strand is WorkItem item && item.Sink == job);

    private IEnumerable<StrandNode> ReadersOf(object reader)
        => reader is ConcurrentCall call && _items.ContainsKey(call) ? NodesOf(call)
            : _nodes.Values.Where(node => node.Strand.HoldsOf(CallerLink.All(node.Strand)).Any(hold => hold.Resource == reader));

    private static bool IsSleep(Runspace session, [NotNullWhen(true)] out string? statement)
    {
        statement = null;
        try
        {
            statement = session.Debugger.GetCallStack().FirstOrDefault()?.Position?.Text;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The session changed while it was read.
        }

        string command = statement?.Split(' ', 2)[0] ?? "";
        return statement is not null && SleepCommands.Contains(command);
    }

    // The two clocks run at the same rate, from different origins.
    private static long SinceOf(long tickCount)
        => tickCount == 0 ? 0 : Stopwatch.GetTimestamp() - ((Environment.TickCount64 - tickCount) * Stopwatch.Frequency / 1000);
}
