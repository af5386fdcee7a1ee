using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;

namespace AsyncPs.Commands.Base;

/// <summary>
/// The base of cmdlets that run items concurrently. It opens the call, writes records on the pipeline thread, and ends the call however
/// the pipeline ends (normally, by an error downstream, `Select-Object -First` or Ctrl+C).
/// </summary>
public abstract partial class ConcurrentCommand : RetryCommand
{
    private RecordWriter? _writer;
    private ConcurrentCall? _call;
    private ProgressReporter? _progress;
    private bool _stopped;

    /// <summary>Opens the call. Called once, before any item.</summary>
    private protected abstract ConcurrentCall OpenCall(Action<StreamRecord> write);

    /// <summary>The call.</summary>
    private protected ConcurrentCall Call => _call!;

    /// <inheritdoc/>
    private protected override void Begin()
    {
        _writer = new RecordWriter(this);
        _call = OpenCall(_writer.Write);
        if (_stopped)
        {
            _call.Stop();
        }

        if (Progress || IsVerbose)
        {
            _progress = Progress ? new ProgressReporter(this, Call, showsSlowest: IsVerbose) : null;
            StandstillWatch? watch = IsVerbose ? new StandstillWatch(this, Call) : null;
            Call.Every(Progress ? ProgressReporter.Period : StandstillWatch.Period, () =>
            {
                _progress?.Show();
                watch?.Look();
            });
        }
    }

    /// <summary>Adds an item; while there is no room for it, writes what the others produce.</summary>
    private protected async CommandStep AddAsync(object? input, object? work = null)
    {
        while (Call.Queue.IsFull && Call.IsRunning && CanSuspend)
        {
            await Suspend(Call.WhenMayGoOnAsync());
            Call.Pump();
        }

        Call.Add(input, work);
    }

    /// <inheritdoc/>
    private protected override async CommandStep EndAsync()
    {
        if (_progress is not null)
        {
            _progress.TotalIsKnown = !Call.IsFed;
        }

        try
        {
            Call.Complete();
            while (Call.IsRunning && CanSuspend)
            {
                Call.Pump();
                await Suspend(Call.WhenMayGoOnAsync());
            }

            Call.RunToEnd();
        }
        catch (TerminateException)
        {
            // The user has quit the debugger, which ends the script at its next statement. Rethrowing would cut finally blocks short.
        }

        _progress?.Complete();
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        // Runs on another thread, perhaps before there is a call.
        Volatile.Write(ref _stopped, true);
        _call?.Stop();
        base.StopProcessing();
    }

    /// <summary>Ends the call and stops what still runs.</summary>
    /// <param name="disposing">False if a finalizer calls it.</param>
    protected override void Dispose(bool disposing)
    {
        EndCall();
        base.Dispose(disposing);
    }

    /// <summary>Ends the call with the command, unless a derived cmdlet lets it continue.</summary>
    private protected virtual void EndCall() => _call?.Dispose();
}
