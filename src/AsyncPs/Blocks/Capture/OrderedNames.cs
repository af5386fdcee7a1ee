namespace AsyncPs.Blocks.Capture;

/// <summary>A set of names that ignores case and keeps the order of their arrival.</summary>
internal sealed class OrderedNames
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _names = [];

    /// <summary>Adds a name, unless it is included.</summary>
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
