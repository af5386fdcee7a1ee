using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency.Awaiting;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Concurrency;
using AsyncPs.Jobs;
using AsyncPs.Resilience;
using AsyncPs.Waiting;

namespace AsyncPs.Commands;

/// <summary>
/// Waits for a task, an asynchronous stream or a job, and writes its result (asyncio's <c>await</c>). Anything else is written unchanged.
/// A failure ends the statement, as the failure of any cmdlet does.
/// </summary>
[Cmdlet(VerbsLifecycle.Wait, "Async")]
[Alias("await")]
[OutputType(typeof(object))]
public sealed class WaitAsyncCommand : AsyncCommand
{
    /// <summary>What to wait for: a task, a value task, an asynchronous stream or a job. Anything else is written unchanged.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("InputObject", "Job", "Stream")]
    [ArgumentCompleter(typeof(AwaitableCompleter))]
    [System.Management.Automation.AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? Task { get; set; }

    /// <summary>How long to wait for each; a number means seconds, and 0 does not wait. Late ones continue. Default: no limit.</summary>
    [Parameter(Position = 1)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    private RecordWriter? _writer;
    private StreamRecord? _last;

    /// <inheritdoc/>
    private protected override WaitNote WaitsFor
        => WaitNote.Begin(PSObjectExtensions.Unwrap(Task) is Job ? WaitKind.Job : WaitKind.Task, PSObjectExtensions.Unwrap(Task));

    /// <inheritdoc/>
    private protected override async CommandStep ProcessAsync()
    {
        object? value = PSObjectExtensions.Unwrap(Task);
        if (value is Job job)
        {
            await ReceiveAsync(job, new JobReading(job, Timeout));
        }
        else if (!Awaitables.IsAwaitable(value, out object? awaitable))
        {
            WriteObject(Task);
        }
        else if (awaitable is Task task)
        {
            await WriteResultAsync(task);
        }
        else
        {
            await WriteElementsAsync(new StreamReading(awaitable, Timeout));
        }
    }

    private async CommandStep WriteResultAsync(Task task)
    {
        await WaitForAsync(task, "The task");
        if (!task.IsCompletedSuccessfully)
        {
            Fail(task.Exception switch
            {
                { InnerExceptions: [var only] } => only,
                { } several => several,
                null => new TaskCanceledException(task),
            });
        }

        foreach (object? result in TaskResults.Get(task))
        {
            WriteObject(result);
        }
    }

    private async CommandStep WriteElementsAsync(StreamReading reading)
    {
        try
        {
            while (await MoveNextAsync(reading, reading.Next))
            {
                WriteObject(reading.TakeCurrent());
            }
        }
        finally
        {
            WaitForCleanUp(reading.DisposeAsync());
        }
    }

    private async CommandStep<bool> MoveNextAsync(StreamReading reading, Task<bool> next)
    {
        try
        {
            using CancellationTokenRegistration stop = StopToken.UnsafeRegister(
                static reading => ((StreamReading)reading!).Cancel(), reading);
            return await WaitAsync(new ValueTask<bool>(next));
        }
        catch (OperationCanceledException) when (reading.IsLate && !StopToken.IsCancellationRequested)
        {
            EndLate("The stream");
            throw;
        }
        catch (Exception e) when (e is not PipelineStoppedException)
        {
            Fail(e);
            throw;
        }
    }

    private async CommandStep ReceiveAsync(Job job, JobReading reading)
    {
        if (job is ThrottledJob throttled)
        {
            await ReceiveAsync(throttled, reading);
            return;
        }

        using var work = new JobWork(job, task: null, JobReader.Receive);
        if (!work.IsCompleted)
        {
            await WaitForJobAsync(() => work.Ended, reading);
        }

        work.Read(record => Deliver(record));
        if (_last is { Kind: StreamKind.Error, Data: ErrorRecord error } && work.Status != ConcurrentStatus.Succeeded)
        {
            Fail(ErrorCauses.ExceptionOf(error));
        }

        Deliver(null);
    }

    // A job whose buffers are full continues only when its records are taken.
    private async CommandStep ReceiveAsync(ThrottledJob job, JobReading reading)
    {
        bool ended;
        do
        {
            ended = job.End.IsCompleted;
            if (!ended && !job.HasMoreData)
            {
                await WaitForJobAsync(() => System.Threading.Tasks.Task.WhenAny(job.End, job.Arrival), reading);
            }

            foreach (StreamRecord record in job.Take())
            {
                Deliver(record);
            }
        }
        while (!ended);

        job.SetReceived();
        ErrorRecord? failure = job.JobStateInfo.State switch
        {
            JobState.Failed => job.Failure ?? ErrorCauses.RecordOf(job.JobStateInfo.Reason),
            JobState.Stopped => ErrorCauses.RecordOf(WaitErrors.JobWasStopped(job)),
            _ => null,
        };
        if (failure is not null && _last is { Data: ErrorRecord { Exception: var last } } && last == failure.Exception)
        {
            _last = null;
        }

        Deliver(null);
        if (failure is not null)
        {
            Fail(ErrorCauses.ExceptionOf(failure));
        }
    }

    private async CommandStep WaitForJobAsync(Func<Task> wait, JobReading reading)
    {
        ItemWait given = ItemWait.Begin();
        bool inTime;
        try
        {
            Task task = wait();
            inTime = task.IsCompleted || await TryWaitAsync(token => task.WhenEnded(token), reading.TimeLeft);
        }
        finally
        {
            await EndWaitAsync(given);
        }

        if (!inTime)
        {
            EndLate($"The job '{reading.Job.Name}'");
        }
    }

    // Always one behind: the error of a failed job ends the statement, and must not also be written before.
    private void Deliver(StreamRecord? record)
    {
        if (_last is { } earlier)
        {
            (_writer ??= new RecordWriter(this)).Write(earlier);
        }

        _last = record;
    }

    private async CommandStep WaitForAsync(Task task, string name)
    {
        if (!task.IsCompleted && !await TryWaitAsync(token => task.WhenEnded(token), Timeout))
        {
            task.Forget();
            EndLate(name);
        }
    }

    private void EndLate(string name) => ThrowTerminatingError(WaitErrors.AwaitTimeout(name, Timeout, Task));

    private void Fail(Exception exception) => ThrowTerminatingError(
        exception is IContainsErrorRecord { ErrorRecord: { } own }
            ? new ErrorRecord(own, exception is RuntimeException ? own.Exception : exception)
            : new ErrorRecord(exception, exception.GetType().Name, ErrorCategory.NotSpecified, Task));
}
