using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AsyncPs.Telemetry;

/// <summary>A request or a query with a listener: its span, and its duration for a histogram.</summary>
internal sealed class ClientOperation
{
    private readonly Histogram<double> _duration;
    private readonly Activity? _span;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private TagList _tags;

    private ClientOperation(Histogram<double> duration, string name, in TagList tags, in TagList details)
    {
        _duration = duration;
        _tags = tags;
        if (Tracing.IsEnabled)
        {
            _span = Tracing.Begin(name, ActivityKind.Client, default, [.. tags, .. details]);
        }
    }

    /// <summary>Whether there is a listener. Without one, there is nothing to begin.</summary>
    public static bool IsEnabled(Histogram<double> duration) => duration.Enabled || Tracing.IsEnabled;

    /// <summary>An operation begins.</summary>
    /// <param name="duration">Takes its time.</param>
    /// <param name="name">The name of its span.</param>
    /// <param name="tags">What its time is grouped by: few different values.</param>
    /// <param name="details">What only its span has.</param>
    public static ClientOperation Begin(Histogram<double> duration, string name, in TagList tags, in TagList details)
        => new(duration, name, tags, details);

    /// <summary>Makes the span current in the asynchronous method that calls this.</summary>
    public void Enter()
    {
        if (_span is not null)
        {
            Activity.Current = _span;
        }
    }

    /// <summary>Adds an attribute to the span and the histogram.</summary>
    public void Add(string name, object? value)
    {
        _tags.Add(name, value);
        _span?.SetTag(name, value);
    }

    /// <summary>It has ended.</summary>
    /// <param name="errorType">What kind of failure it ended with: one of few; null if it succeeded.</param>
    /// <param name="description">More about the failure, or null.</param>
    public void End(string? errorType = null, string? description = null)
    {
        if (errorType is not null)
        {
            _tags.Add("error.type", errorType);
        }

        Guarded.Run(() => _duration.Record(Stopwatch.GetElapsedTime(_startedAt).TotalSeconds, _tags));
        if (_span is not null)
        {
            if (errorType is not null)
            {
                Tracing.Fail(_span, errorType, description);
            }

            Tracing.End(_span);
        }
    }
}
