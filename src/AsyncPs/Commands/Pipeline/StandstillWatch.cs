using System.Diagnostics;
using AsyncPs.Concurrency;
using AsyncPs.Inspection;

namespace AsyncPs.Commands.Pipeline;

/// <summary>Warns when a call has made no progress for a while because its items are deadlocked. On the pipeline thread.</summary>
/// <param name="command">The command of the call.</param>
/// <param name="call">The call.</param>
internal sealed class StandstillWatch(PSCmdlet command, ConcurrentCall call)
{
    /// <summary>The interval of its checks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private (long Added, long Finished, long Retried) _last;
    private long _since = Stopwatch.GetTimestamp();
    private string? _told;

    /// <summary>How long a call must make no progress before the warning. Default: 10 seconds.</summary>
    public static TimeSpan WaitLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Checks whether the call makes progress and, if not, why.</summary>
    public void Look()
    {
        (long Added, long Finished, long Retried) now = (call.Added, call.Finished, call.Retried);
        TimeSpan still = Stopwatch.GetElapsedTime(_since);
        if (now != _last || call.Queue.InFlightCount == 0)
        {
            (_last, _since) = (now, Stopwatch.GetTimestamp());
        }
        else if (still >= WaitLimit)
        {
            _since = Stopwatch.GetTimestamp();

            // Reported only if seen twice, because waits that have just ended can look like a deadlock once.
            if (Deadlocks.Describe(call) is { } circle && circle == Deadlocks.Describe(call) && circle != _told)
            {
                _told = circle;
                command.WriteWarning(InspectionErrors.StandsStill(call.Id, still, circle));
            }
        }
    }
}
