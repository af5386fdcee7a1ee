using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AsyncPs.Bench.Cases;

/// <summary>The processor time that a listener costs, including the listener itself.</summary>
internal static class ListenerCases
{
    private const string Module = "AsyncPs";
    private const string Items = "1..100000 | Invoke-Concurrent { $_ } -ThrottleLimit 2";

    // As often as a collector reads at the most.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    public static IEnumerable<Benchmark> All()
    {
        yield return new Benchmark(
            "100,000 items, trivial, with a listener of the meter",
            "ms CPU",
            new Contestant("listener", static () => WithMeter(Time)),
            [new Contestant("none", Time)],
            Bar: 1.1);
        yield return new Benchmark(
            "100,000 items, trivial, with a listener of the spans",
            "ms CPU",
            new Contestant("listener", static () => WithSpans(Time)),
            [new Contestant("none", Time)],
            Bar: null);
    }

    private static double Time()
    {
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        Session.Shared.Time(Items);
        return (Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds;
    }

    private static double WithMeter(Func<double> measure)
    {
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == Module)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        listener.Start();
        using var timer = new Timer(_ => listener.RecordObservableInstruments(), null, TimeSpan.Zero, Period);
        return measure();
    }

    private static double WithSpans(Func<double> measure)
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == Module,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        return measure();
    }
}
