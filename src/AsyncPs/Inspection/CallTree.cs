namespace AsyncPs.Inspection;

/// <summary>Arranges calls and items below what waits for them.</summary>
internal sealed class CallTree
{
    private readonly ILookup<string, ConcurrentCallInfo> _byParent;
    private readonly List<ConcurrentTreeLine> _lines = [];

    private CallTree(IReadOnlyList<ConcurrentCallInfo> calls)
    {
        HashSet<string> known = [.. calls.SelectMany(static call => call.Items).Select(static item => item.ToString())];

        // A call whose parent item has ended is shown below the session.
        _byParent = calls.Where(static call => call.Kind != ConcurrentCallKind.Session)
            .ToLookup(call => call.Parent is { } parent && known.Contains(parent) ? parent : call.Session ?? "");
        string[] sessions = [.. calls.Select(static call => call.Session ?? "").Distinct()];
        foreach (string session in sessions)
        {
            ConcurrentCallInfo? waiting = calls.FirstOrDefault(call => call.Kind == ConcurrentCallKind.Session && call.Session == session);
            if (waiting is null && !_byParent.Contains(session))
            {
                continue;
            }

            _lines.Add(new ConcurrentTreeLine
            {
                Tree = Join(session.Length > 0 ? session : "no session", waiting?.Text),
                Elapsed = waiting?.Elapsed,
                WaitsFor = waiting?.WaitsFor,
                IsDeadlocked = waiting?.IsDeadlocked ?? false,
                Call = waiting,
            });
            AddCalls(session, depth: 1, indent: "");
        }
    }

    /// <summary>The lines, from top to bottom.</summary>
    public static IReadOnlyList<ConcurrentTreeLine> Draw(IReadOnlyList<ConcurrentCallInfo> calls) => new CallTree(calls)._lines;

    private void AddCalls(string parent, int depth, string indent)
    {
        // The calls of a group are shown below it.
        List<IGrouping<string?, ConcurrentCallInfo>> groups = [.. _byParent[parent].GroupBy(static call => call.Group)];
        for (int i = 0; i < groups.Count; i++)
        {
            bool isLastGroup = i == groups.Count - 1;
            if (groups[i].Key is { } group)
            {
                _lines.Add(new ConcurrentTreeLine { Depth = depth, Tree = indent + Branch(isLastGroup) + group });
                AddAll([.. groups[i]], depth + 1, indent + Rail(isLastGroup), othersFollow: false);
            }
            else
            {
                AddAll([.. groups[i]], depth, indent, othersFollow: !isLastGroup);
            }
        }
    }

    private void AddAll(ConcurrentCallInfo[] calls, int depth, string indent, bool othersFollow)
    {
        for (int i = 0; i < calls.Length; i++)
        {
            ConcurrentCallInfo call = calls[i];
            bool isLast = i == calls.Length - 1 && !othersFollow;
            _lines.Add(new ConcurrentTreeLine
            {
                Depth = depth,
                Tree = indent + Branch(isLast) + Title(call),
                Elapsed = call.Elapsed,
                WaitsFor = call.WaitsFor,
                Call = call,
            });
            AddItems(call, depth + 1, indent + Rail(isLast));
        }
    }

    private void AddItems(ConcurrentCallInfo call, int depth, string indent)
    {
        for (int i = 0; i < call.Items.Count; i++)
        {
            ConcurrentItemInfo item = call.Items[i];
            bool isLast = i == call.Items.Count - 1;
            _lines.Add(new ConcurrentTreeLine
            {
                Depth = depth,
                Tree = indent + Branch(isLast) + Title(item),
                Elapsed = item.Elapsed,
                WaitsFor = item.WaitsFor,
                IsDeadlocked = item.IsDeadlocked,
                Item = item,
            });
            AddCalls(item.ToString(), depth + 1, indent + Rail(isLast));
        }
    }

    private static string Title(ConcurrentCallInfo call)
        => Join(
            Join($"#{call.Id} {call.Command}", call.Name ?? Place(call)),
            $"({call.Finished} of {call.Added} done, {call.Running} in flight)");

    private static string Title(ConcurrentItemInfo item) => Join(Join($"[{item.Index}]", item.Job ?? item.Input), item.Runs);

    private static string? Place(ConcurrentCallInfo call) => call.Script is null ? null : $"{Path.GetFileName(call.Script)}:{call.Line}";

    private static string Join(string text, string? more) => string.IsNullOrEmpty(more) ? text : $"{text} {more}";

    private static string Branch(bool isLast) => isLast ? "└─ " : "├─ ";

    private static string Rail(bool isLast) => isLast ? "   " : "│  ";
}
