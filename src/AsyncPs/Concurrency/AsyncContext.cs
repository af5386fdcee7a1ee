namespace AsyncPs.Concurrency;

/// <summary>What a block can know about the item it runs for: the value of <c>$AsyncContext</c>.</summary>
public sealed class AsyncContext
{
    private readonly WorkItem _item;

    internal AsyncContext(WorkItem item) => _item = item;

    /// <summary>The position of the item in the input, from zero.</summary>
    public long Index => _item.Index;

    /// <summary>How often the item was started: 1, and more after a retry.</summary>
    public int Attempt => (_item.Outer ?? _item).State!.Attempt;

    /// <summary>Cancelled when the item's time is over or the call is stopped: pass it to .NET methods that take one.</summary>
    public CancellationToken CancellationToken => _item.State!.Token;
}
