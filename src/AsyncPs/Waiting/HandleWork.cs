using AsyncPs.Concurrency;

namespace AsyncPs.Waiting;

/// <summary>A wait handle, or an operation that has one. It is its own result, and cannot be canceled.</summary>
internal sealed class HandleWork : WaitedWork
{
    private readonly Func<bool> _look;
    private readonly Func<WaitHandle> _handle;
    private bool _isSet;
    private Task? _watch;

    private HandleWork(object source, string name, Func<bool> look, Func<WaitHandle> handle)
        : base(source)
    {
        Name = name;
        _look = look;
        _handle = handle;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    // A check may reset the handle, so it is not repeated once the handle is watched, or was set.
    public override bool IsCompleted => _isSet || (_watch is null ? _isSet = _look() : _watch.IsCompletedSuccessfully);

    /// <inheritdoc/>
    public override ConcurrentStatus Status => ConcurrentStatus.Succeeded;

    /// <inheritdoc/>
    // The watch may have reset a handle that was set.
    public override object Handle => _watch?.IsCompletedSuccessfully == true ? Task.FromResult(Source) : Source;

    /// <summary>Waits for a handle.</summary>
    public static HandleWork Of(WaitHandle handle)
        => new(handle, $"The wait handle ({handle.GetType().Name})", () => handle.WaitOne(0), () => handle);

    /// <summary>Waits for an operation.</summary>
    public static HandleWork Of(IAsyncResult operation)
        => new(operation, $"The operation ({operation.GetType().Name})", () => operation.IsCompleted, () => operation.AsyncWaitHandle);

    /// <inheritdoc/>
    public override void Read(Action<StreamRecord> write) => write(Output(Source));

    /// <inheritdoc/>
    protected override Task WhenEnded() => _watch = WaitHandles.WhenSet(_handle(), Leaving);
}
