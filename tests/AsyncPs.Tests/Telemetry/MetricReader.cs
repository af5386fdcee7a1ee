using System.Diagnostics.Metrics;

namespace AsyncPs.Tests.Telemetry;

/// <summary>Listens to the meter of the module.</summary>
internal sealed class MetricReader : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<Reading> _readings = [];

    public MetricReader()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "AsyncPs")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>What was recorded by histograms so far.</summary>
    public IReadOnlyList<Reading> Recorded(string instrument)
    {
        lock (_readings)
        {
            return [.. _readings.Where(reading => reading.Instrument == instrument)];
        }
    }

    /// <summary>Reads an observable instrument now: the sum of all its values with a tag, or of all.</summary>
    public double Read(string instrument, string? tag = null, string? value = null)
    {
        lock (_readings)
        {
            _readings.RemoveAll(reading => reading.Instrument == instrument);
        }

        _listener.RecordObservableInstruments();
        return Recorded(instrument)
            .Where(reading => tag is null || (reading.Tags.TryGetValue(tag, out object? found) && Equals(found, value)))
            .Sum(static reading => reading.Value);
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var reading = new Reading(instrument.Name, instrument.Unit, value, new Dictionary<string, object?>(tags.ToArray()));
        lock (_readings)
        {
            _readings.Add(reading);
        }
    }

    internal sealed record Reading(string Instrument, string? Unit, double Value, IReadOnlyDictionary<string, object?> Tags);
}
