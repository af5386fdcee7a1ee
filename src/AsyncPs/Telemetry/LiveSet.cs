using System.Runtime.CompilerServices;

namespace AsyncPs.Telemetry;

/// <summary>Objects that are to be counted while they live. It keeps none of them alive.</summary>
internal sealed class LiveSet<T>
    where T : class
{
    private readonly ConditionalWeakTable<T, object?> _objects = [];

    /// <summary>Those that live at this moment.</summary>
    public IEnumerable<T> All => _objects.Select(static entry => entry.Key);

    /// <summary>Adds one.</summary>
    public void Add(T item) => _objects.Add(item, null);
}
