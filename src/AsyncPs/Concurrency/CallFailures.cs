namespace AsyncPs.Concurrency;

/// <summary>The errors of the items that failed in a call that ends at the first failure. Bounded: no item starts after it.</summary>
internal sealed class CallFailures
{
    private readonly List<ErrorRecord> _errors = [];

    /// <summary>All that were added.</summary>
    public IReadOnlyList<ErrorRecord> All
    {
        get
        {
            lock (_errors)
            {
                return [.. _errors];
            }
        }
    }

    /// <summary>Adds the errors of an item.</summary>
    public void Add(IEnumerable<ErrorRecord> errors)
    {
        lock (_errors)
        {
            _errors.AddRange(errors);
        }
    }
}
