namespace AsyncPs.Concurrency;

/// <summary>What a block can learn about the item it runs for: the value of <c>$AsyncContext</c>.</summary>
public sealed class AsyncContext
{
    private readonly WorkItem? _item;

    private readonly Lazy<ForeignToken>? _token;

    private AsyncContext()
    {
    }

    internal AsyncContext(WorkItem item)
    {
        _item = item;
        _token = new Lazy<ForeignToken>(() => new ForeignToken(item.State!.Token, ItemStop.On(item)));
    }

    /// <summary>The context outside of a block.</summary>
    internal static AsyncContext None { get; } = new();

    /// <summary>The position of the item in the input, from zero; -1 outside of a block.</summary>
    public long Index => _item?.Index ?? -1;

    /// <summary>The number of the attempt: 1 for the first, more after retries; 0 outside of a block.</summary>
    public int Attempt
        => _item is null ? 0 : (_item.Sink as IAttemptSource)?.Attempt ?? (_item.Outer ?? _item).State!.Attempt;

    /// <summary>Canceled when the item times out or the call is stopped. Pass it to .NET methods that take a token.</summary>
    public CancellationToken CancellationToken => _token?.Value.Token ?? CancellationToken.None;

    /// <summary>Waits for the callbacks that the block registered on the token, and returns what they threw, or null.</summary>
    internal Task<Exception?> CallbackFailureAsync()
        => _token is { IsValueCreated: true } ? _token.Value.FailureAsync() : Task.FromResult<Exception?>(null);
}
