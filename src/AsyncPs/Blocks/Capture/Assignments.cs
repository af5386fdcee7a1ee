namespace AsyncPs.Blocks.Capture;

/// <summary>The names that are set at one point of the code on all paths that lead there.</summary>
internal sealed class Assignments
{
    private readonly HashSet<string> _names;

    /// <summary>Creates the state in which no name is set.</summary>
    public Assignments() => _names = new(StringComparer.OrdinalIgnoreCase);

    private Assignments(HashSet<string> names) => _names = names;

    /// <summary>Whether the code never reaches this point, as after `return`.</summary>
    public bool Unreachable { get; set; }

    /// <summary>Whether a name is set.</summary>
    public bool Has(string name) => Unreachable || _names.Contains(name);

    /// <summary>Adds a name, which is set from here on.</summary>
    public void Add(string name) => _names.Add(name);

    /// <summary>A copy for one of the paths that part here.</summary>
    public Assignments Fork() => new(new(_names, _names.Comparer)) { Unreachable = Unreachable };

    /// <summary>The state where two paths meet: the names that are set on both.</summary>
    public static Assignments Join(Assignments one, Assignments other)
    {
        if (one.Unreachable || other.Unreachable)
        {
            return one.Unreachable ? other : one;
        }

        one._names.IntersectWith(other._names);
        return one;
    }
}
