namespace AsyncPs.Concurrency.Scripts.Capture;

/// <summary>Names without regard to case, each once, in the order they came.</summary>
internal sealed class OrderedNames
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _names = [];

    /// <summary>Adds a name.</summary>
    /// <returns>False if it was there.</returns>
    public bool Add(string name)
    {
        if (!_known.Add(name))
        {
            return false;
        }

        _names.Add(name);
        return true;
    }

    /// <summary>The names.</summary>
    public string[] ToArray() => [.. _names];
}
