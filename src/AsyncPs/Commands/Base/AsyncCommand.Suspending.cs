using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Coroutines;
using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Commands.Base;

/// <content>
/// Waits that suspend the block that calls the cmdlet. The engine cannot leave a running pipeline. So the pipeline ends, and later
/// another one runs at the same place, with a cmdlet of the same kind. That cmdlet is bound as this one was, and lends its pipeline to
/// this one, which continues in it.
/// </content>
public abstract partial class AsyncCommand : ISuspendedCommand
{
    private Task? _awaited;
    private Action? _goOn;
    private CommandStep _step;
    private AsyncCommand? _earlier;
    private bool _hasEnded;

    /// <summary>Whether the cmdlet is told to stop, or its pipeline is gone.</summary>
    private protected bool IsStopping => Stopping || StopToken.IsCancellationRequested;

    /// <summary>Whether the block that calls the cmdlet can suspend here.</summary>
    internal bool CanSuspend => Coroutine.CanSuspendAt(MyInvocation);

    /// <inheritdoc/>
    Task ISuspendedCommand.Awaited => _awaited!;

    /// <summary>Runs for every input object, as <see cref="Process"/> does, and can suspend.</summary>
    private protected virtual CommandStep ProcessAsync()
    {
        Process();
        return default;
    }

    /// <summary>Runs once after all input, as <see cref="End"/> does, and can suspend.</summary>
    private protected virtual CommandStep EndAsync()
    {
        End();
        return default;
    }

    /// <summary>
    /// Suspends the block until a task has ended, if it can. Await it before the pipeline thread is blocked for the task.
    /// </summary>
    private protected CommandSuspension Suspend(Task task) => new(this, task);

    /// <summary>Waits until an operation is done, as <see cref="Wait(ValueTask)"/> does; the block suspends meanwhile, if it can.</summary>
    /// <exception cref="PipelineStoppedException">The pipeline was stopped, and the operation with it.</exception>
    private protected async CommandStep WaitAsync(ValueTask operation)
    {
        if (!operation.IsCompleted && CanSuspend)
        {
            Task task = operation.AsTask();
            operation = new ValueTask(task);
            using var wait = new NotedWait(Strand.Current, WaitsFor);
            await Suspend(task);
        }

        Wait(operation);
    }

    /// <summary>
    /// Waits until an operation is done, as <see cref="Wait{T}(ValueTask{T})"/> does; the block suspends meanwhile, if it can.
    /// </summary>
    /// <exception cref="PipelineStoppedException">The pipeline was stopped, and the operation with it.</exception>
    private protected async CommandStep<T> WaitAsync<T>(ValueTask<T> operation)
    {
        if (!operation.IsCompleted && CanSuspend)
        {
            Task<T> task = operation.AsTask();
            operation = new ValueTask<T>(task);
            using var wait = new NotedWait(Strand.Current, WaitsFor);
            await Suspend(task);
        }

        return Wait(operation);
    }

    /// <summary>Waits until an operation is done or its time is over; the block suspends meanwhile, if it can.</summary>
    /// <param name="operation">Starts the operation, which the token cancels.</param>
    /// <param name="timeout">The time, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <returns>Whether it was done in time, and what it returned.</returns>
    /// <exception cref="PipelineStoppedException">The pipeline was stopped, and the operation with it.</exception>
    private protected async CommandStep<(bool InTime, T? Result)> TryWaitAsync<T>(
        Func<CancellationToken, ValueTask<T>> operation, TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return (true, await WaitAsync(operation(StopToken)));
        }

        var time = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        try
        {
            // The clock starts after the operation, so a result that is available at once is returned even with a time-out of zero.
            ValueTask<T> begun = operation(time.Token);
            time.CancelAfter(timeout);
            return (true, await WaitAsync(begun));
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested && !StopToken.IsCancellationRequested)
        {
            return (false, default);
        }
        finally
        {
            Uninterrupted.Dispose(time);
        }
    }

    /// <summary>Waits until an operation is done or its time is over; the block suspends meanwhile, if it can.</summary>
    /// <param name="operation">Starts the operation, which the token cancels.</param>
    /// <param name="timeout">The time, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <returns>False when the time was over first.</returns>
    /// <exception cref="PipelineStoppedException">The pipeline was stopped, and the operation with it.</exception>
    private protected async CommandStep<bool> TryWaitAsync(Func<CancellationToken, Task> operation, TimeSpan timeout)
    {
        (bool inTime, bool _) = await TryWaitAsync(token => WithResultAsync(operation(token)), timeout);
        return inTime;
    }

    /// <summary>Serves requests until a task has ended; the block suspends while there is none, if it can.</summary>
    /// <param name="dispatcher">Has the requests.</param>
    /// <param name="task">The task that makes them.</param>
    /// <returns>The task's result. A failure of the task is thrown.</returns>
    /// <exception cref="PipelineStoppedException">The pipeline was stopped.</exception>
    private protected async CommandStep<T> ServeUntilEndAsync<T>(PipelineDispatcher dispatcher, Task<T> task)
    {
        while (!task.IsCompleted)
        {
            if (!dispatcher.TryServe())
            {
                await WaitAsync(new ValueTask(dispatcher.WhenAskedOrEnded(task)));
            }
        }

        return task.GetAwaiter().GetResult();
    }

    /// <summary>Ends a time in which the item waits for other work; the block suspends until it has its permits back, if it can.</summary>
    /// <exception cref="PipelineStoppedException">The item was stopped.</exception>
    private protected async CommandStep EndWaitAsync(ItemWait wait)
    {
        Task ending = wait.EndAsync();
        await Suspend(ending);
        ItemWait.End(ending);
    }

    /// <summary>Called by a <see cref="CommandSuspension"/>: leaves the pipeline, and takes it again to make a call.</summary>
    internal void SuspendUntil(Task task, Action goOn)
    {
        (_awaited, _goOn) = (task, goOn);
        Coroutine.SuspendIn(this);
    }

    /// <inheritdoc/>
    void ISuspendedCommand.Abort()
    {
        CommandRuntime = new StoppedRuntime(CommandRuntime?.Host);
        try
        {
            StopProcessing();
            GoOn();
        }
        catch (Exception)
        {
            // As for any command that is stopped.
        }
        finally
        {
            _awaited = null;
            Dispose();
        }
    }

    private bool IsSuspended => _awaited is not null;

    // Continues a suspended command that was called here before.
    private bool TakeOver()
    {
        if (Coroutine.TakeSuspended(this) is not AsyncCommand earlier)
        {
            return false;
        }

        _earlier = earlier;
        earlier.CommandRuntime = CommandRuntime;
        earlier.Run(earlier.GoOn);
        return true;
    }

    private void GoOn()
    {
        Action goOn = _goOn!;
        (_awaited, _goOn) = (null, null);
        goOn();
        if (!IsSuspended)
        {
            _step.ThrowFailure();
        }
    }

    private void ProcessNext(AsyncCommand bound)
    {
        if (bound != this && !bound.MyInvocation.ExpectingInput)
        {
            // Without input the engine calls it once, which it has done before.
            return;
        }

        if (bound != this)
        {
            // The parameters from each pipeline object were bound to the other command.
            foreach ((string name, object? value) in bound.MyInvocation.BoundParameters)
            {
                ParameterProperties.Set(this, name, value);
            }
        }

        try
        {
            _step = ProcessAsync();
        }
        catch (ConcurrentArgumentException e)
        {
            ThrowTerminatingError(e.Record);
        }
    }

    private void EndOnce()
    {
        // If it waits, the input has ended only for this pipeline.
        if (!IsSuspended && !_hasEnded)
        {
            _hasEnded = true;
            Run(() => _step = EndAsync());
        }
    }
}
