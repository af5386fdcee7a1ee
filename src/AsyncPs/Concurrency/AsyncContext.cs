namespace AsyncPs.Concurrency;

/// <summary>What a block can know about the item it runs for: the value of <c>$AsyncContext</c>.</summary>
public sealed class AsyncContext
{
    private readonly WorkItem _item;

    private readonly Lazy<ForeignToken> _token;

    internal AsyncContext(WorkItem item)
    {
        _item = item;
        _token = new Lazy<ForeignToken>(() => new ForeignToken(item.State!.Token));
    }

    /// <summary>The position of the item in the input, from zero.</summary>
    public long Index => _item.Index;

    /// <summary>How often the item was started: 1, and more after a retry.</summary>
    public int Attempt => (_item.Sink as IAttemptSource)?.Attempt ?? (_item.Outer ?? _item).State!.Attempt;

    /// <summary>Canceled when the item's time is over or the call is stopped: pass it to .NET methods that take one.</summary>
    public CancellationToken CancellationToken => _token.Value.Token;

    /// <summary>What callbacks that the block has registered on the token have thrown, or null. Waits until they have run.</summary>
    internal Task<Exception?> CallbackFailureAsync() => _token.IsValueCreated ? _token.Value.FailureAsync() : Task.FromResult<Exception?>(null);
}
