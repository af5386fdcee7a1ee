using AsyncPs.Concurrency;

namespace AsyncPs.Inspection;

/// <summary>Finds the waits that can never end.</summary>
internal static class Deadlocks
{
    /// <summary>Marks the stuck nodes, and those that wait in a circle.</summary>
    public static void Mark(IReadOnlyCollection<StrandNode> nodes)
    {
        // A strand that waits for known holders only is stuck unless one of them can continue.
        var stuck = nodes
            .Where(static node => node is { Note: not null, HoldersAreAll: true, Until: null, Holders.Count: > 0 })
            .ToHashSet();
        while (stuck.RemoveWhere(node => node.NeedsAll
            ? !node.Holders.Exists(stuck.Contains)
            : node.Holders.Exists(holder => !stuck.Contains(holder))) > 0)
        {
        }

        foreach (StrandNode node in stuck)
        {
            node.IsStuck = true;
        }

        foreach (StrandNode node in stuck)
        {
            node.IsInCircle = Reaches(node, node);
        }
    }

    /// <summary>A description of the deadlock that keeps a call from continuing; null if there is none.</summary>
    public static string? Describe(ConcurrentCall call)
    {
        var picture = new WaitPicture();
        HashSet<StrandNode> seen = [];
        Queue<StrandNode> left = new(picture.NodesOf(call).Where(static node => node.IsStuck));
        List<StrandNode> circle = [];
        while (left.TryDequeue(out StrandNode? node))
        {
            if (!seen.Add(node))
            {
                continue;
            }

            if (node.IsInCircle)
            {
                circle.Add(node);
            }

            node.Holders.Where(static holder => holder.IsStuck).ToList().ForEach(left.Enqueue);
        }

        return circle.Count == 0 ? null : string.Join(
            "; ",
            circle.OrderBy(static node => node.Name, StringComparer.Ordinal)
                .Select(static node => $"{node.Name} waits for {WaitTexts.Describe(node)}"));
    }

    private static bool Reaches(StrandNode from, StrandNode to)
    {
        HashSet<StrandNode> seen = [];
        Stack<StrandNode> left = new(from.Holders);
        while (left.TryPop(out StrandNode? node))
        {
            if (node == to)
            {
                return true;
            }

            if (node.IsStuck && seen.Add(node))
            {
                node.Holders.ForEach(left.Push);
            }
        }

        return false;
    }
}
