using System.Collections;
using System.ComponentModel;
using System.Management.Automation.Runspaces;
using AsyncPs.Concurrency;
using Microsoft.PowerShell.Commands;

namespace AsyncPs.Jobs;

/// <summary>
/// A block or a request that runs in the background (asyncio's <c>create_task</c>): a PowerShell job, and a
/// <see cref="System.Threading.Tasks.Task"/> for code that awaits it. While it waits for its permit it is NotStarted and holds nothing.
/// </summary>
public sealed partial class ThrottledJob : Job2, IJobDebugger
{
    /// <summary>The job type, as in the column PSJobTypeName.</summary>
    public const string TypeName = "Throttled";

    [ThreadStatic]
    private static ThrottledJob? _ending;

    private readonly object _lock = new();
    private readonly JobSession _session;
    private readonly JobStream<PSObject> _output;
    private readonly JobStream<ErrorRecord> _error;
    private readonly ICollection[] _others;
    private readonly int _limit;
    private JobCall? _call;
    private WorkItem? _item;
    private TaskCompletionSource? _end;
    private TaskCompletionSource<PSDataCollection<PSObject>>? _result;
    private Runspace? _runspace;
    private JobDebugger? _debugger;
    private bool _stopRequested;
    private bool _over;
    private bool _received;

    internal ThrottledJob(JobSession session, string command, string? name, object? input, int limit)
        : base(command, name, new ReceivedJobs())
    {
        ((ReceivedJobs)ChildJobs).Parent = this;
        _session = session;
        _limit = limit;
        InputObject = input;
        PSJobTypeName = TypeName;
        Output = _output = new JobStream<PSObject>(limit);
        Error = _error = new JobStream<ErrorRecord>(limit);
        _others = [Warning, Verbose, Debug, Information, Progress];
    }

    /// <summary>The value of `$_` in the job; null without input.</summary>
    public object? InputObject { get; }

    /// <summary>
    /// The error that ended the job, with its id, position and target; null unless the state is Failed. Reading it counts as receiving it.
    /// </summary>
    public ErrorRecord? Failure
    {
        get
        {
            if (Volatile.Read(ref _over))
            {
                SetReceived();
            }

            return EndedBy;
        }
    }

    /// <summary>As <see cref="Failure"/>, but reading it does not count as receiving it.</summary>
    internal ErrorRecord? EndedBy { get; private set; }

    /// <summary>
    /// The job as a task. It completes with the job's output, fails with the error that ended the job, and is canceled if the job was
    /// stopped. Code that takes it is responsible for the failure, so no warning is written.
    /// </summary>
    public Task<PSDataCollection<PSObject>> Task
    {
        get
        {
            lock (_lock)
            {
                _received = true;
                if (_result is null)
                {
                    _result = new TaskCompletionSource<PSDataCollection<PSObject>>(TaskCreationOptions.RunContinuationsAsynchronously);
                    if (_over && IsFinished(JobStateInfo.State))
                    {
                        SetResult(_result);
                    }
                }

                return _result.Task;
            }
        }
    }

    /// <summary>The debugger of the session in which the job's block runs, for Debug-Job; null while it does not run.</summary>
    public Debugger? Debugger
    {
        get
        {
            lock (_lock)
            {
                return _over || _runspace?.Debugger is not { } debugger ? null : _debugger ??= new JobDebugger(debugger, this);
            }
        }
    }

    /// <summary>Whether the job runs without a debugger. Set by PowerShell.</summary>
    public bool IsAsync { get; set; } = true;

    /// <inheritdoc/>
    public override bool HasMoreData
        => _output.Waiting > 0 || _error.Waiting > 0 || Array.Exists(_others, static stream => stream.Count > 0);

    /// <inheritdoc/>
    public override string Location => "PowerShell";

    /// <inheritdoc/>
    public override string StatusMessage => JobStateInfo.State switch
    {
        JobState.NotStarted => "Waits for a permit",
        JobState.Blocked => "Waits until its records are received",
        JobState.Failed => EndedBy?.ToString() ?? JobStateInfo.Reason?.Message ?? "",
        _ => "",
    };

    /// <summary>Completes when the job has ended; never fails.</summary>
    internal Task End
    {
        get
        {
            lock (_lock)
            {
                _end ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

                // A handler on the thread that sets the state may ask for the end, as Receive-Job -AutoRemoveJob does.
                if (_over && IsFinished(JobStateInfo.State))
                {
                    _end.TrySetResult();
                }

                return _end.Task;
            }
        }
    }

    /// <summary>Starts the job at once, even without a permit.</summary>
    public override void StartJob() => _item?.RunNow();

    /// <inheritdoc cref="StartJob"/>
    public override void StartJobAsync()
    {
        StartJob();
        OnStartJobCompleted(new AsyncCompletedEventArgs(null, cancelled: false, userState: null));
    }

    /// <summary>Stops the job and waits until it has ended.</summary>
    public override void StopJob()
    {
        RequestStop();
        End.Wait();
    }

    /// <inheritdoc cref="StopJob()"/>
    public override void StopJob(bool force, string reason) => StopJob();

    /// <summary>Stops the job.</summary>
    public override void StopJobAsync()
    {
        RequestStop();
        End.ContinueWith(
            _ => OnStopJobCompleted(new AsyncCompletedEventArgs(null, cancelled: false, userState: null)),
            TaskScheduler.Default);
    }

    /// <inheritdoc cref="StopJobAsync()"/>
    public override void StopJobAsync(bool force, string reason) => StopJobAsync();

    /// <summary>Not supported.</summary>
    public override void SuspendJob() => throw JobErrors.JobOperationNotSupported("suspended");

    /// <inheritdoc cref="SuspendJob()"/>
    public override void SuspendJob(bool force, string reason) => SuspendJob();

    /// <inheritdoc cref="SuspendJob()"/>
    public override void SuspendJobAsync() => SuspendJob();

    /// <inheritdoc cref="SuspendJob()"/>
    public override void SuspendJobAsync(bool force, string reason) => SuspendJob();

    /// <inheritdoc cref="SuspendJob()"/>
    public override void ResumeJob() => throw JobErrors.JobOperationNotSupported("resumed");

    /// <inheritdoc cref="SuspendJob()"/>
    public override void ResumeJobAsync() => ResumeJob();

    /// <inheritdoc cref="SuspendJob()"/>
    public override void UnblockJob() => throw JobErrors.JobOperationNotSupported("unblocked but by Receive-Job");

    /// <inheritdoc cref="SuspendJob()"/>
    public override void UnblockJobAsync() => UnblockJob();

    /// <summary>Stops the job, wherever it is. Returns at once.</summary>
    internal void RequestStop()
    {
        WorkItem? item;
        lock (_lock)
        {
            if (_over || _stopRequested)
            {
                return;
            }

            _stopRequested = true;
            item = _item;
        }

        item?.Cancel();
    }

    /// <summary>The job whose end is being announced on this thread, or null.</summary>
    internal static ThrottledJob? Ending => _ending;

    /// <summary>Removes the job from the list of its session.</summary>
    internal void Forget() => _session.Remove(this);

    /// <summary>Notes that the end of the job was received.</summary>
    internal void SetReceived() => Volatile.Write(ref _received, true);

    /// <summary>The error that ended the job or was written by it, if it was not received; otherwise null.</summary>
    internal ErrorRecord? UnreceivedError
        => !_over || Volatile.Read(ref _received) ? null
            : EndedBy ?? (JobStateInfo.State is JobState.Completed or JobState.Stopped ? _error.Unread : null);

    /// <summary>
    /// Called when the streams are read. That counts as reading the errors in them, which the streams note themselves. The error that ended
    /// the job is not among them; it is known only to code that receives the job or is told of its end.
    /// </summary>
    protected override void DoLoadJobStreams()
    {
        if (_ending == this
            || EngineInternals.RunningCommand is not { } running
            || Runspace.DefaultRunspace is null
            || running() is ReceiveJobCommand)
        {
            SetReceived();
        }
        else
        {
            // So that it is called again.
            UnloadJobStreams();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            RequestStop();
            _session.Remove(this);
        }

        base.Dispose(disposing);
    }

    private static bool IsFinished(JobState state) => state is JobState.Completed or JobState.Failed or JobState.Stopped;

    private void SetResult(TaskCompletionSource<PSDataCollection<PSObject>> result)
    {
        switch (JobStateInfo.State)
        {
            case JobState.Failed:
                result.TrySetException(JobStateInfo.Reason!);

                // A failure that was not awaited is reported as the job's, not by the garbage collector.
                _ = result.Task.Exception;
                break;
            case JobState.Stopped:
                result.TrySetCanceled();
                break;
            default:
                result.TrySetResult(_output);
                break;
        }
    }
}
