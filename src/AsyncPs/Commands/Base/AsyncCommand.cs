using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Resources;

namespace AsyncPs.Commands.Base;

/// <summary>
/// The base of cmdlets that wait for asynchronous operations. It blocks the pipeline thread while an operation runs, and cancels the
/// operation when the pipeline ends for any reason (an error downstream, `Select-Object -First`, Ctrl+C).
/// </summary>
public abstract partial class AsyncCommand : PSCmdlet, IDisposable
{
    // For an operation that is canceled to end. Within the grace period of the worker.
    private static readonly TimeSpan AfterInterrupt = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private bool _disposed;

    /// <summary>Creates the cmdlet.</summary>
    private protected AsyncCommand() => StopToken = _stop.Token;

    /// <summary>Canceled when the pipeline is stopped or ends. Every operation that is waited for gets it.</summary>
    internal CancellationToken StopToken { get; }

    /// <summary>Runs once, before any input.</summary>
    /// <exception cref="ConcurrentArgumentException">An argument is wrong: the error ends the command.</exception>
    private protected virtual void Begin()
    {
    }

    /// <summary>Runs for every input object.</summary>
    /// <exception cref="ConcurrentArgumentException">An argument is wrong: the error ends the command.</exception>
    private protected virtual void Process()
    {
    }

    /// <summary>Runs once, after all input.</summary>
    /// <exception cref="ConcurrentArgumentException">An argument is wrong: the error ends the command.</exception>
    private protected virtual void End()
    {
    }

    /// <summary>
    /// Whether an exception of WriteObject means that downstream has enough and keeps its input: a `break`, or Select-Object -First,
    /// which looks like a stop although nothing is being stopped.
    /// </summary>
    private protected bool IsEnough(Exception exception)
        => exception is FlowControlException || (exception is PipelineStoppedException && !IsStopping);

    /// <summary>What the command waits for, for inspection. Read at the start of a wait.</summary>
    private protected virtual WaitNote WaitsFor => WaitNote.Begin(WaitKind.Command, text: MyInvocation.MyCommand?.Name);

    /// <summary>Blocks the pipeline thread until an operation has ended.</summary>
    /// <exception cref="PipelineStoppedException">The pipeline was stopped, and the operation with it.</exception>
    private protected void Wait(ValueTask operation)
    {
        if (operation.IsCompletedSuccessfully)
        {
            operation.GetAwaiter().GetResult();
            return;
        }

        Wait(operation.AsTask());
    }

    /// <summary>
    /// Blocks the pipeline thread until an operation has ended. An operation that succeeds although it was canceled returns its result, so
    /// nothing it took is lost.
    /// </summary>
    /// <exception cref="PipelineStoppedException">The pipeline was stopped, and the operation with it.</exception>
    private protected T Wait<T>(ValueTask<T> operation)
    {
        if (operation.IsCompletedSuccessfully)
        {
            return operation.Result;
        }

        Task<T> task = operation.AsTask();
        Wait(task);
        return task.Result;
    }

    /// <summary>
    /// Blocks the pipeline thread until a clean-up has ended, even if the pipeline is stopped; after a stop, for no longer than a grace
    /// period. An interrupt of the thread is meant for earlier code.
    /// </summary>
    /// <exception cref="TimeoutException">The clean-up took longer than the grace period.</exception>
    private protected void WaitForCleanUp(ValueTask operation)
    {
        Task task = operation.AsTask();
        while (!task.IsCompleted)
        {
            try
            {
                if (!WaitOrStop(task))
                {
                    task.Forget();
                    throw ResourceErrors.CleanUpTooSlow(StopTimes.Grace);
                }
            }
            catch (ThreadInterruptedException)
            {
                // It continues to wait.
            }
        }

        task.GetAwaiter().GetResult();
    }

    /// <summary>
    /// Blocks the pipeline thread until this pipeline is stopped too, after a pipeline within it was stopped. Pipelines are stopped one
    /// after another, the innermost first. One that started before its turn would be stopped with those around it.
    /// </summary>
    private protected void WaitForStop()
    {
        if (!NestedPipeline.IsCurrent)
        {
            return;
        }

        while (true)
        {
            try
            {
                StopToken.WaitHandle.WaitOne(StopTimes.Grace);
                return;
            }
            catch (ThreadInterruptedException)
            {
                // The interrupt was meant for earlier code.
            }
        }
    }

    /// <summary>Blocks the pipeline thread until an operation has ended or its time is up.</summary>
    /// <param name="operation">Starts the operation, which the token cancels.</param>
    /// <param name="timeout">The time, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="result">The result of the operation.</param>
    /// <returns>False when the time ran out first.</returns>
    /// <exception cref="PipelineStoppedException">The pipeline was stopped, and the operation with it.</exception>
    private protected bool TryWait<T>(
        Func<CancellationToken, ValueTask<T>> operation, TimeSpan timeout, [MaybeNullWhen(false)] out T result)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            result = Wait(operation(StopToken));
            return true;
        }

        var time = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        try
        {
            // The clock starts after the operation, so a result that is available at once is returned even with a time-out of zero.
            ValueTask<T> begun = operation(time.Token);
            time.CancelAfter(timeout);
            result = Wait(begun);
            return true;
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested && !StopToken.IsCancellationRequested)
        {
            result = default;
            return false;
        }
        finally
        {
            Uninterrupted.Dispose(time);
        }
    }

    /// <summary>Blocks the pipeline thread until an operation has ended or its time is up.</summary>
    /// <param name="operation">Starts the operation, which the token cancels.</param>
    /// <param name="timeout">The time, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <returns>False when the time ran out first.</returns>
    /// <exception cref="PipelineStoppedException">The pipeline was stopped, and the operation with it.</exception>
    private protected bool TryWait(Func<CancellationToken, Task> operation, TimeSpan timeout)
        => TryWait(token => WithResultAsync(operation(token)), timeout, out bool _);

    private static async ValueTask<bool> WithResultAsync(Task task)
    {
        await task.ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (TakeOver())
        {
            return;
        }

        Run(Begin);
        if (MyInvocation.ExpectingInput)
        {
            EngineInternals.DropUnboundParameters?.Invoke(this);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => (_earlier ?? this).ProcessNext(this);

    /// <inheritdoc/>
    protected override void EndProcessing() => (_earlier ?? this).EndOnce();

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        _earlier?.StopProcessing();
        Cancel();
    }

    /// <summary>Cancels what still runs, unless it continues in another pipeline.</summary>
    public void Dispose()
    {
        if (_earlier is { } earlier)
        {
            earlier.Dispose();
            DisposeStop();
        }
        else if (!IsSuspended)
        {
            Dispose(disposing: true);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Cancels what still runs.</summary>
    /// <param name="disposing">False if a finalizer calls it.</param>
    protected virtual void Dispose(bool disposing) => DisposeStop();

    private void DisposeStop()
    {
        Cancel();
        lock (_stop)
        {
            _disposed = true;
            _stop.Dispose();
        }
    }

    private void Wait(Task task)
    {
        using var wait = new NotedWait(Strand.Current, WaitsFor);
        try
        {
            if (!WaitOrInterrupt(task))
            {
                task.Forget();
                throw new PipelineStoppedException();
            }

            task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    private bool WaitOrStop(Task task)
    {
        try
        {
            task.Wait(StopToken);
            return true;
        }
        catch (AggregateException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return Task.WaitAny([task], StopTimes.Grace) == 0;
        }
    }

    // An interrupt stops the operation, as a stop does, but does not end the wait: what the operation takes at this moment would be lost.
    private bool WaitOrInterrupt(Task task)
    {
        try
        {
            return WaitOrStop(task);
        }
        catch (ThreadInterruptedException)
        {
            using Uninterrupted.Region region = Uninterrupted.Begin();
            Cancel();
            return Task.WaitAny([task], AfterInterrupt) == 0;
        }
    }

    private void Run(Action step)
    {
        try
        {
            step();
        }
        catch (ConcurrentArgumentException e)
        {
            ThrowTerminatingError(e.Record);
        }
    }

    private void Cancel()
    {
        lock (_stop)
        {
            if (_disposed)
            {
                return;
            }

            _stop.Cancel();
        }
    }
}
