namespace AsyncPs.Blocks.Capture;

/// <summary>Names without regard to case, each once, in the order they came.</summary>
internal sealed class OrderedNames
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _names = [];

    /// <summary>Adds a name, unless it is there.</summary>
    public void Add(string name)
    {
        if (_known.Add(name))
        {
            _names.Add(name);
        }
    }

    /// <summary>The names.</summary>
    public string[] ToArray() => [.. _names];
}
