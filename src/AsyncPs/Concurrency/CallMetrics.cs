using System.Diagnostics.Metrics;
using AsyncPs.Telemetry;

namespace AsyncPs.Concurrency;

/// <summary>
/// The metrics of all calls, by the command that opened them. They are computed from the live calls when a listener reads them, so items
/// have no extra cost, and a call adds its totals once, at its end.
/// </summary>
internal static class CallMetrics
{
    private const string CommandTag = "asyncps.command";

    private static readonly object Lock = new();
    private static readonly Dictionary<string, CallTotals> Ended = new(StringComparer.Ordinal);
    private static int _published;

    /// <summary>Creates the instruments for listeners. Called once, outside any call.</summary>
    public static void Publish()
    {
        if (Interlocked.Exchange(ref _published, 1) == 1)
        {
            return;
        }

        Meter meter = Metrics.Meter;
        meter.CreateObservableCounter(
            "asyncps.items.started", () => Total(static total => total.Started), "{item}", "Items that have begun to run.");
        meter.CreateObservableCounter(
            "asyncps.items.ended", () => Total(static total => total.Ended), "{item}", "Items that have ended, failed ones included.");
        meter.CreateObservableCounter(
            "asyncps.items.failed", () => Total(static total => total.Failed), "{item}", "Items that have ended with an error.");
        meter.CreateObservableCounter(
            "asyncps.items.retried", () => Total(static total => total.Retried), "{attempt}", "Further attempts at items.");
        meter.CreateObservableUpDownCounter(
            "asyncps.items.in_flight",
            () => Live(static call => call.Added - call.Finished - call.Waiting),
            "{item}",
            "Items that run or are awaited.");
        meter.CreateObservableUpDownCounter(
            "asyncps.items.waiting", () => Live(static call => call.Waiting), "{item}", "Items that wait to begin.");
        meter.CreateObservableUpDownCounter(
            "asyncps.workers", () => Live(static call => call.Workers, attemptsToo: true), "{worker}", "Workers that serve calls.");
    }

    /// <summary>Removes a call from the live calls and counts it with the ended ones.</summary>
    /// <param name="call">The call.</param>
    /// <param name="leave">Removes the call from the live ones; false if it was not there.</param>
    public static void Leave(ConcurrentCall call, Func<ConcurrentCall, bool> leave)
    {
        // Under the lock, so that readers of the totals find the call on exactly one side.
        lock (Lock)
        {
            if (leave(call) && call.Options.Role != CallRole.Attempts)
            {
                string command = CommandOf(call);
                Ended[command] = Ended.GetValueOrDefault(command) + call.Totals;
            }
        }
    }

    private static string CommandOf(ConcurrentCall call) => call.Options.Source?.Command ?? "";

    private static Measurement<long>[] Total(Func<CallTotals, long> figure)
    {
        Dictionary<string, CallTotals> totals;
        lock (Lock)
        {
            totals = new(Ended, StringComparer.Ordinal);
            foreach (ConcurrentCall call in LiveCalls.Snapshot().Where(static call => call.Options.Role != CallRole.Attempts))
            {
                totals[CommandOf(call)] = totals.GetValueOrDefault(CommandOf(call)) + call.Totals;
            }
        }

        return totals.Select(entry => Of(figure(entry.Value), entry.Key)).ToArray();
    }

    private static Measurement<long>[] Live(Func<ConcurrentCall, long> figure, bool attemptsToo = false)
        => LiveCalls.Snapshot()
            .Where(call => attemptsToo || call.Options.Role != CallRole.Attempts)
            .GroupBy(CommandOf)
            .Select(calls => Of(calls.Sum(figure), calls.Key))
            .ToArray();

    private static Measurement<long> Of(long value, string command)
        => command.Length > 0 ? new(value, KeyValuePair.Create<string, object?>(CommandTag, command)) : new(value);
}
