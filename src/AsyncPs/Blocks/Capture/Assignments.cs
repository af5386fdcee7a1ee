namespace AsyncPs.Blocks.Capture;

/// <summary>The names that are certainly set at one point of a piece of code, however it got there.</summary>
internal sealed class Assignments
{
    private readonly HashSet<string> _names;

    /// <summary>Nothing is set.</summary>
    public Assignments() => _names = new(StringComparer.OrdinalIgnoreCase);

    private Assignments(HashSet<string> names) => _names = names;

    /// <summary>Whether the code never gets to this point, as after `return`.</summary>
    public bool Unreachable { get; set; }

    /// <summary>Whether a name is set.</summary>
    public bool Has(string name) => Unreachable || _names.Contains(name);

    /// <summary>A name is set from here on.</summary>
    public void Add(string name) => _names.Add(name);

    /// <summary>The same point, for one of the ways that part here.</summary>
    public Assignments Fork() => new(new(_names, _names.Comparer)) { Unreachable = Unreachable };

    /// <summary>The point where two ways meet: set is what is set on both.</summary>
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
