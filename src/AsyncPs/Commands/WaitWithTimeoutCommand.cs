using System.Runtime.ExceptionServices;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Waiting;

namespace AsyncPs.Commands;

/// <summary>
/// Waits, up to a time-out, for jobs, tasks, processes, wait handles, queues, or blocks that it runs on workers, and writes their
/// results (asyncio's <c>wait_for</c>, <c>timeout</c>, <c>wait</c> and <c>shield</c>).
/// </summary>
[Cmdlet(VerbsLifecycle.Wait, "WithTimeout", DefaultParameterSetName = AllSet)]
[OutputType(typeof(object), ParameterSetName = [AllSet])]
[OutputType(typeof(WaitResult), ParameterSetName = [AnySet])]
[Alias("wwt")]
public sealed partial class WaitWithTimeoutCommand : AsyncCommand
{
    private const string AllSet = "All";
    private const string AnySet = "Any";

    /// <summary>
    /// What to wait for: jobs, tasks, value tasks, asynchronous operations, wait handles, processes, queues, or blocks to run.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Job", "Task", "Process", "ScriptBlock")]
    [AllowEmptyCollection]
    public object[] InputObject { get; set; } = [];

    /// <summary>How long to wait for everything; a number means seconds, and 0 does not wait. Default: no limit.</summary>
    [Parameter(Position = 1)]
    [Alias("TimeoutSeconds")]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Waits for the first to end, and writes it as an object. The others continue.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AnySet)]
    public SwitchParameter Any { get; set; }

    /// <summary>Ends at the first failure. The others continue, except for blocks, which are stopped.</summary>
    [Parameter(ParameterSetName = AllSet)]
    public SwitchParameter FirstError { get; set; }

    /// <summary>Writes one object for each, however it ended, and nothing to the error stream.</summary>
    [Parameter(ParameterSetName = AllSet)]
    public SwitchParameter AsResult { get; set; }

    /// <summary>With -Any or -FirstError: cancels the others.</summary>
    [Parameter]
    public SwitchParameter CancelRest { get; set; }

    /// <summary>The output for each that has not ended in time, instead of an error.</summary>
    [Parameter]
    [System.Management.Automation.AllowNull]
    public object? Default { get; set; }

    /// <summary>
    /// Leaves late work running instead of canceling it, and leaves blocks running even if the command is stopped.
    /// </summary>
    [Parameter]
    public SwitchParameter KeepRunning { get; set; }

    /// <summary>The values of `$args` or `param()` in blocks.</summary>
    [Parameter]
    [Alias("Args")]
    public object?[]? ArgumentList { get; set; }

    private readonly List<WaitedWork> _works = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly PipelineDispatcher _live = new();
    private RecordWriter? _writer;
    private WaitSession? _session;
    private ExceptionDispatchInfo? _thrown;
    private bool _blocksGoOn;

    /// <inheritdoc/>
    private protected override void Begin()
    {
        if (CancelRest && !Any && !FirstError)
        {
            ThrowTerminatingError(ParameterErrors.NeedsParameter(nameof(CancelRest), nameof(Any)));
        }

        // The engine would only report that the pipeline input cannot be bound.
        if (MyInvocation.ExpectingInput
            && InputObject is [{ } given]
            && PSObjectExtensions.Unwrap(given) is int or long or double or TimeSpan)
        {
            ThrowTerminatingError(ParameterErrors.TimeoutTakenAsInput(given));
        }

        _writer = new RecordWriter(this);
    }

    /// <inheritdoc/>
    private protected override void Process()
    {
        foreach (object? work in InputObject)
        {
            _works.Add(CreateWork(work));
        }
    }

    /// <inheritdoc/>
    private protected override async CommandStep EndAsync()
    {
        if (_works.Count == 0)
        {
            return;
        }

        _blocksGoOn = KeepRunning;
        try
        {
            Start();
            using (_session = new WaitSession(_works, Timeout, FirstError, StopToken))
            {
                if (Any)
                {
                    await WaitForAnyAsync();
                }
                else
                {
                    await WaitForAllAsync();
                }
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _ended.Dispose();
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    private protected override WaitNote WaitsFor => WaitNote.Begin(
        WaitKind.Task,
        text: string.Join(", ", _works.Where(static work => !work.IsCompleted).Select(static work => work.Name)));

    private bool Polls => Timeout == TimeSpan.Zero;

    private async CommandStep WaitForAllAsync()
    {
        bool isOver = false;
        for (int i = 0; i < _works.Count; i++)
        {
            WaitedWork work = _works[i];
            if (!work.IsCompleted && !isOver)
            {
                if (!_session!.IsOver)
                {
                    await WaitUntilAsync(_session.UntilEndedAsync(work));
                }

                isOver = _session.IsOver;
                if (isOver)
                {
                    Cancel(_session.IsLate ? CancelsLate : CancelRest ? _ => true : work => work is BlockWork && !KeepRunning);
                }
            }

            Report(i, work);
        }
    }

    private async CommandStep WaitForAnyAsync()
    {
        WaitedWork? first = _works.Find(static work => work.IsCompleted) ?? await WaitUntilAsync(_session!.UntilAnyAsync());
        if (first is null)
        {
            Cancel(CancelsLate);

            // It may have ended just before it was canceled.
            first = _works.Find(static work => work is { IsCompleted: true, IsCanceled: false });
        }

        if (first is null)
        {
            ReportTimeout(WaitErrors.WaitTimeout(_works, Timeout), index: -1, _works);
            return;
        }

        if (CancelRest)
        {
            Cancel(static _ => true);
        }
        else
        {
            _blocksGoOn = true;
        }

        foreach (WaitedWork work in _works.Where(work => work != first))
        {
            work.Dispose();
        }

        WriteResult(_works.IndexOf(first), first, CancelRest ? [] : _works.Where(work => work != first));
    }

    private bool CancelsLate(WaitedWork work) => !KeepRunning && !Polls;

    private void Cancel(Func<WaitedWork, bool> which)
    {
        List<WaitedWork> unfinished = _works.FindAll(work => !work.IsCompleted && which(work));
        if (unfinished.Count > 0)
        {
            WaitForCleanUp(new ValueTask(WaitSession.CancelAsync(unfinished)));
        }
    }

    private async CommandStep<T> WaitUntilAsync<T>(Task<T> task)
    {
        T result;
        ItemWait given = ItemWait.Begin();
        try
        {
            result = await ServeUntilEndAsync(_live, task);
        }
        finally
        {
            await EndWaitAsync(given);
        }

        if (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }

        _thrown?.Throw();
        return result;
    }

    // The command's own work ends with it; waits for the rest are given up.
    private void Leave()
    {
        _ended.Cancel();
        foreach (WaitedWork work in _works)
        {
            work.Dispose();
        }

        if (!_blocksGoOn)
        {
            Cancel(static work => work is BlockWork);
        }
    }
}
