using System.Diagnostics;
using System.Globalization;
using AsyncPs.Concurrency;

namespace AsyncPs.Commands.Pipeline;

/// <summary>Shows the progress of a call: done, running, failed, rate, and the time left once the input is complete.</summary>
internal sealed class ProgressReporter
{
    /// <summary>The shortest time between updates: a tenth of a second.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private static int _lastId = 7000;

    private readonly PSCmdlet _command;
    private readonly ConcurrentCall _call;
    private readonly string _activity;
    private readonly int _id = Interlocked.Increment(ref _lastId);
    private readonly long _started = Stopwatch.GetTimestamp();
    private bool _shown;

    /// <summary>Creates a reporter for a call.</summary>
    public ProgressReporter(PSCmdlet command, ConcurrentCall call)
    {
        _command = command;
        _activity = command.MyInvocation.MyCommand.Name;
        _call = call;
        call.Every(Period, Show);
    }

    /// <summary>Whether all input has arrived, so that the total is known.</summary>
    public bool TotalIsKnown { get; set; }

    /// <summary>Removes the display.</summary>
    public void Complete()
    {
        if (_shown)
        {
            _command.WriteProgress(new ProgressRecord(_id, _activity, " ") { RecordType = ProgressRecordType.Completed });
        }
    }

    private void Show()
    {
        long done = _call.Finished;
        double seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        double rate = done / seconds;
        string total = TotalIsKnown ? $" of {_call.Added}" : "";
        var record = new ProgressRecord(
            _id,
            _activity,
            string.Create(
                CultureInfo.CurrentCulture,
                $"{done}{total} done, {_call.Queue.InFlightCount} running, {_call.Failed} failed, {rate:0.#}/s"));
        if (TotalIsKnown && _call.Added > 0)
        {
            record.PercentComplete = (int)(100 * done / _call.Added);
            record.SecondsRemaining = rate > 0 ? (int)Math.Min((_call.Added - done) / rate, int.MaxValue) : -1;
        }

        _shown = true;
        _command.WriteProgress(record);
    }
}
