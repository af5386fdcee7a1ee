namespace AsyncPs.Blocks.Capture;

/// <summary>A value on its way to the workers: the caller's object itself, or made anew for each worker.</summary>
internal readonly struct CarriedValue
{
    private readonly object? _value;
    private readonly Func<WorkerScopes, object?>? _make;

    /// <summary>The same object for all workers.</summary>
    public CarriedValue(object? value) => _value = value;

    /// <summary>An object for each worker.</summary>
    public CarriedValue(Func<WorkerScopes, object?> make) => _make = make;

    /// <summary>Whether each worker gets its own.</summary>
    public bool IsPerWorker => _make is not null;

    /// <summary>Whether it is the caller's object itself.</summary>
    public bool IsItself(object? value) => _make is null && ReferenceEquals(_value, value);

    /// <summary>The object for a worker.</summary>
    public object? In(WorkerScopes scopes) => _make is null ? _value : _make(scopes);
}
