using System.Diagnostics;
using System.Globalization;
using AsyncPs.Concurrency;

namespace AsyncPs.Commands.Pipeline;

/// <summary>
/// Shows the progress of a call: done, running, failed, rate, the time left once the input is complete, and optionally the slowest item.
/// </summary>
internal sealed class ProgressReporter
{
    /// <summary>The shortest time between updates: a tenth of a second.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    // Looking at all items is expensive if there are thousands.
    private static readonly TimeSpan SlowestPeriod = TimeSpan.FromSeconds(1);

    private static int _lastId = 7000;

    private readonly PSCmdlet _command;
    private readonly ConcurrentCall _call;
    private readonly string _activity;
    private readonly int _id = Interlocked.Increment(ref _lastId);
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly bool _showsSlowest;
    private long _lookedAt;
    private string _slowest = "";
    private bool _shown;

    /// <summary>Creates a reporter for a call.</summary>
    /// <param name="command">The command of the call.</param>
    /// <param name="call">The call.</param>
    /// <param name="showsSlowest">Whether it names the item that has been running longest.</param>
    public ProgressReporter(PSCmdlet command, ConcurrentCall call, bool showsSlowest)
    {
        _command = command;
        _activity = command.MyInvocation.MyCommand.Name;
        _call = call;
        _showsSlowest = showsSlowest;
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

    /// <summary>Updates the display.</summary>
    public void Show()
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
                $"{done}{total} done, {_call.Queue.InFlightCount} running, {_call.Failed} failed, {rate:0.#}/s{Slowest()}"));
        if (TotalIsKnown && _call.Added > 0)
        {
            record.PercentComplete = (int)(100 * done / _call.Added);
            record.SecondsRemaining = rate > 0 ? (int)Math.Min((_call.Added - done) / rate, int.MaxValue) : -1;
        }

        _shown = true;
        _command.WriteProgress(record);
    }

    private string Slowest()
    {
        if (_showsSlowest && Stopwatch.GetElapsedTime(_lookedAt) >= SlowestPeriod)
        {
            _lookedAt = Stopwatch.GetTimestamp();
            RunningItem slowest = _call.ItemsInFlight().MaxBy(TimeOf);
            _slowest = slowest.Item is null ? "" : string.Create(
                CultureInfo.CurrentCulture,
                $"; slowest: [{slowest.Item.Index}] {_call.Describe(slowest.Item)} {TimeOf(slowest).TotalSeconds:0.0} s");
        }

        return _slowest;
    }

    private static TimeSpan TimeOf(RunningItem running)
        => running.Item.State?.StartedAt is > 0 and var started ? Stopwatch.GetElapsedTime(started)
            : running.Since > 0 ? TimeSpan.FromMilliseconds(Environment.TickCount64 - running.Since)
            : TimeSpan.Zero;
}
