using AsyncPs.Concurrency;

namespace AsyncPs.Waiting;

/// <summary>Work of any kind that is waited for: whether and how it has ended, its result, and how to cancel it.</summary>
/// <param name="source">The caller's object.</param>
internal abstract class WaitedWork(object source) : IDisposable
{
    private readonly CancellationTokenSource _leave = new();
    private Task? _ended;
    private bool _disposed;

    /// <summary>The caller's object.</summary>
    public object Source { get; } = source;

    /// <summary>Its name in errors, such as `The task`.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it has ended.</summary>
    public abstract bool IsCompleted { get; }

    /// <summary>How it has ended, once it has.</summary>
    public abstract ConcurrentStatus Status { get; }

    /// <summary>Completes when it has ended, and never fails; canceled when the work is disposed before.</summary>
    public Task Ended => _ended ??= IsCompleted ? Task.CompletedTask : WhenEnded();

    /// <summary>Whether it can be canceled from outside.</summary>
    public virtual bool CanCancel => false;

    /// <summary>Whether it was canceled by this module, as far as is known.</summary>
    public bool IsCanceled { get; private set; }

    /// <summary>The object with which it can be waited for again.</summary>
    public virtual object Handle => Source;

    /// <summary>Writes its result, or its failure as an error. Once, after its end, on the pipeline thread.</summary>
    public abstract void Read(Action<StreamRecord> write);

    /// <summary>Cancels it, if possible. Returns at once.</summary>
    public void Cancel()
    {
        if (CanCancel && !IsCompleted)
        {
            IsCanceled = true;
            CancelCore();
        }
    }

    /// <summary>Stops watching the work, which continues.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _leave.Cancel();
            _leave.Dispose();
        }
    }

    /// <summary>Canceled when the work is no longer watched.</summary>
    protected CancellationToken Leaving => _leave.Token;

    /// <summary>Starts to watch for its end.</summary>
    protected abstract Task WhenEnded();

    /// <summary>Cancels it.</summary>
    protected virtual void CancelCore()
    {
    }

    /// <summary>An output record.</summary>
    protected static StreamRecord Output(object? value) => new(null, StreamKind.Output, value);

    /// <summary>The record of an error. Its target is the caller's object, unless it already has one.</summary>
    protected StreamRecord Error(Exception exception)
    {
        ErrorRecord record = Resilience.ErrorCauses.RecordOf(exception);
        if (record.TargetObject is null)
        {
            EngineInternals.SetTargetObject?.Invoke(record, Source);
        }

        return new StreamRecord(null, StreamKind.Error, record);
    }
}
