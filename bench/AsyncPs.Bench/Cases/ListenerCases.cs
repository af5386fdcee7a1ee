using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AsyncPs.Bench.Cases;

/// <summary>The processor time that a listener costs, including the listener itself.</summary>
internal static class ListenerCases
{
    private const string Module = "AsyncPs";
    private const int Count = 100_000;

    private static readonly string Items = $"1..{Count} | Invoke-Concurrent {{ $_ }} -ThrottleLimit 2";
    private static readonly ActivitySource Bare = new("AsyncPs.Bench.Bare");

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
            new Contestant("listener", static () => WithSpans(Module, Time)),
            [
                new Contestant("none, and as many spans of a loop in C#", static () => Time() + WithSpans(Bare.Name, TimeBareSpans)),
                new Contestant("none", Time),
            ],
            Bar: 1.1);
    }

    private static double Time() => ProcessorTime(static () => Session.Shared.Time(Items));

    // What .NET takes for the spans themselves: no module can be cheaper.
    private static double TimeBareSpans() => ProcessorTime(static () =>
    {
        using Activity? call = Bare.StartActivity("call");
        ActivityContext parent = call!.Context;
        for (long index = 0; index < Count; index++)
        {
            Activity? item = Bare.StartActivity("item", ActivityKind.Internal, parent);
            item!.SetTag("index", index);
            item.Stop();
        }
    });

    private static double ProcessorTime(Action work)
    {
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        work();
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

    private static double WithSpans(string name, Func<double> measure)
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        return measure();
    }
}
