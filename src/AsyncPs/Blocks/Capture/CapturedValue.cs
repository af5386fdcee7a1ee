namespace AsyncPs.Blocks.Capture;

/// <summary>A value for the workers: the caller's own object, or one that is created for each worker.</summary>
internal readonly struct CapturedValue
{
    private readonly object? _value;
    private readonly Func<WorkerScopes, object?>? _make;
    private readonly object? _source;

    /// <summary>The same object for all workers.</summary>
    public CapturedValue(object? value) => _value = _source = value;

    /// <summary>A new object for each worker.</summary>
    public CapturedValue(Func<WorkerScopes, object?> make) => _make = make;

    private CapturedValue(CapturedValue twin, object? source)
    {
        _value = twin._value;
        _make = twin._make;
        _source = source;
    }

    /// <summary>The caller's object.</summary>
    public object? Source => _source;

    /// <summary>The same value, marked as the substitute of a caller's object.</summary>
    public CapturedValue From(object? source) => new(this, source);

    /// <summary>The object for a worker.</summary>
    public object? In(WorkerScopes scopes) => _make is null ? _value : _make(scopes);
}
