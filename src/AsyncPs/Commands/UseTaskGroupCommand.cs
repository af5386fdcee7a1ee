using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Jobs;
using AsyncPs.Resilience;

namespace AsyncPs.Commands;

/// <summary>
/// Runs a block in the caller's scope and waits for every job that was started in it; their results are its output (asyncio's
/// <c>TaskGroup</c>). The first failure stops the rest, and no job outlives the command.
/// </summary>
[Cmdlet(VerbsOther.Use, "TaskGroup")]
[OutputType(typeof(object))]
public sealed class UseTaskGroupCommand : AsyncCommand
{
    /// <summary>The block.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>What the first failure does to the rest. Default: they are stopped.</summary>
    [Parameter]
    public TaskGroupErrorAction OnError { get; set; }

    /// <summary>How long the block and its jobs may take together; a number means seconds. Default: no limit.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    private RecordWriter _writer = null!;
    private AmbientScope? _outer;
    private ErrorRecord? _ownFailure;
    private bool _failedDownstream;

    /// <inheritdoc/>
    private protected override WaitNote WaitsFor => WaitNote.Begin(WaitKind.Job, text: "the jobs of the group");

    /// <inheritdoc/>
    private protected override void End()
    {
        _writer = new RecordWriter(this);
        _outer = AmbientScope.Current;
        using var late = new CancellationTokenSource();
        bool tooLate;
        var group = new TaskGroup(OnError == TaskGroupErrorAction.Continue)
        {
            Owner = CallerLink.Of(this) with { ReturnsPermits = true },
            Source = CallSource.Of(this),
        };
        try
        {
            using (StopToken.UnsafeRegister(static group => ((TaskGroup)group!).Stop(), group))
            using (late.Token.UnsafeRegister(static group => ((TaskGroup)group!).Fail(), group))
            {
                late.CancelAfter(Timeout);
                RunBlock(group);
                WriteResults(group);
                tooLate = late.IsCancellationRequested;
            }
        }
        finally
        {
            AmbientScope.Current = _outer;
            using (ItemWait.Begin())
            {
                group.Dispose();
            }

            // Not to the streams, which a pipeline that is ending no longer has.
            foreach (string lost in group.Lost)
            {
                LateWarning.Show(Host, lost);
            }
        }

        Report(group.Failures, tooLate);
    }

    private void RunBlock(TaskGroup group)
    {
        AmbientScope.Current = group;
        try
        {
            // With a receiver for errors, statement-terminating errors end the block, so no failure is passed over.
            LimitedBlock.Invoke(
                this, ScriptBlock, CallerBlock.Unset, [], written => Receive(written, group), errors: static _ => { }, group.Canceling);
        }
        catch (Exception e)
            when (e is OperationCanceledException or RuntimeException
                && e is not (PipelineStoppedException or FlowControlException)
                && group.Canceling.IsCancellationRequested
                && !Stopping
                && !ItemErrors.IsOfCleanUp(e, ScriptBlock))
        {
            // The block was stopped because the group ends, and its jobs give the reason. It may have been loading a module.
        }
        catch (Exception e)
            when (e is not (PipelineStoppedException or FlowControlException or ThreadInterruptedException) && !_failedDownstream)
        {
            _ownFailure = ErrorCauses.RecordOf(e);
            group.Fail();
        }
        finally
        {
            AmbientScope.Current = _outer;
        }
    }

    // A job that the block writes stands for its results, which are written in any case.
    private void Receive(object? written, TaskGroup group)
    {
        if (written is PSObject { BaseObject: ThrottledJob job } && job.Group == group)
        {
            return;
        }

        AmbientScope.Current = _outer;
        try
        {
            Write(new StreamRecord(null, StreamKind.Output, written));
        }
        finally
        {
            AmbientScope.Current = group;
        }
    }

    private void WriteResults(TaskGroup group)
    {
        // Jobs may start jobs: those are in the list by the time the job that started them has ended.
        for (int i = 0; group.JobAt(i) is { } job; i++)
        {
            bool ended;
            do
            {
                ended = job.End.IsCompleted;
                if (!ended && !job.HasMoreData)
                {
                    using ItemWait wait = ItemWait.Begin();
                    Wait(new ValueTask(Task.WhenAny(job.End, job.Arrival)));
                }

                foreach (StreamRecord record in job.Take())
                {
                    Write(record);
                }
            }
            while (!ended);
        }
    }

    private void Write(in StreamRecord record)
    {
        try
        {
            _writer.Write(record);
        }
        catch
        {
            _failedDownstream = true;
            throw;
        }
    }

    private void Report(IReadOnlyList<ErrorRecord> failures, bool late)
    {
        List<ErrorRecord> all = [.. failures];
        if (_ownFailure is not null)
        {
            all.Add(_ownFailure);
        }

        if (late)
        {
            ErrorRecord timeout = JobErrors.TaskGroupTimedOut(Timeout);
            ThrowTerminatingError(all.Count == 0 ? timeout : JobErrors.TaskGroupFailed([timeout, .. all]));
        }

        if (all.Count == 0)
        {
            return;
        }

        ErrorRecord error = JobErrors.TaskGroupFailed(all);
        if (OnError == TaskGroupErrorAction.Continue && _ownFailure is null)
        {
            WriteError(error);
        }
        else
        {
            ThrowTerminatingError(error);
        }
    }
}
