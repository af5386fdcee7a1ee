using AsyncPs.Concurrency;

namespace AsyncPs.Waiting;

/// <summary>Something that is waited for, whatever it is: whether it has ended and how, what it has given, and how to cancel it.</summary>
/// <param name="source">What it is.</param>
internal abstract class WaitedWork(object source) : IDisposable
{
    private readonly CancellationTokenSource _leave = new();
    private Task? _ended;
    private bool _disposed;

    /// <summary>What it is.</summary>
    public object Source { get; } = source;

    /// <summary>How errors name it: `The task` and so on.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it has ended.</summary>
    public abstract bool IsCompleted { get; }

    /// <summary>How it has ended, once it has.</summary>
    public abstract ConcurrentStatus Status { get; }

    /// <summary>Completes when it has ended, and never fails; it is canceled when the work is let go of before.</summary>
    public Task Ended => _ended ??= IsCompleted ? Task.CompletedTask : WhenEnded();

    /// <summary>Whether it can be canceled from outside.</summary>
    public virtual bool CanCancel => false;

    /// <summary>Whether it had to be canceled, as far as is known.</summary>
    public bool IsCanceled { get; private set; }

    /// <summary>With what it can be waited for again.</summary>
    public virtual object Handle => Source;

    /// <summary>Writes what it has given; a failure as an error. Once, after its end, on the pipeline thread.</summary>
    public abstract void Read(Action<StreamRecord> write);

    /// <summary>Has it end, if that is possible. Returns at once.</summary>
    public void Cancel()
    {
        if (CanCancel && !IsCompleted)
        {
            IsCanceled = true;
            CancelCore();
        }
    }

    /// <summary>Lets go of it: nobody waits any more. It goes on.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _leave.Cancel();
            _leave.Dispose();
        }
    }

    /// <summary>Ends the watching.</summary>
    protected CancellationToken Leaving => _leave.Token;

    /// <summary>Begins to watch for its end.</summary>
    protected abstract Task WhenEnded();

    /// <summary>Has it end.</summary>
    protected virtual void CancelCore()
    {
    }

    /// <summary>An output record.</summary>
    protected static StreamRecord Output(object? value) => new(null, StreamKind.Output, value);

    /// <summary>The record of an error, whose target is what was waited for if it has none of its own.</summary>
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
