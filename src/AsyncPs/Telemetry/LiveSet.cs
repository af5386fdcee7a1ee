using System.Runtime.CompilerServices;

namespace AsyncPs.Telemetry;

/// <summary>Objects that are counted while they are alive. The set does not keep them alive.</summary>
internal sealed class LiveSet<T>
    where T : class
{
    private readonly ConditionalWeakTable<T, object?> _objects = [];

    /// <summary>The objects that are alive at this moment.</summary>
    public IEnumerable<T> All => _objects.Select(static entry => entry.Key);

    /// <summary>Adds an object.</summary>
    public void Add(T item) => _objects.Add(item, null);
}
