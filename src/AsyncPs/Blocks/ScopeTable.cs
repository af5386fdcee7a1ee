namespace AsyncPs.Blocks;

/// <summary>One kind of table of the scopes of a worker's items.</summary>
/// <param name="get">Gets the table of a scope, or null.</param>
/// <param name="set">Sets the table of a scope.</param>
/// <param name="make">Makes the table of a scope within a scope.</param>
/// <param name="versionOf">A number that each addition to a table, and each replacement, changes.</param>
internal sealed class ScopeTable<T>(
    Func<object, Dictionary<string, T>?> get,
    Action<object, Dictionary<string, T>> set,
    Func<object, Dictionary<string, T>> make,
    Func<Dictionary<string, T>, int> versionOf)
{
    private Dictionary<string, T>? _parent;
    private (int, int) _parentState;
    private Dictionary<string, T>? _pattern;
    private Dictionary<string, T>? _given;
    private (int, int) _givenState;

    /// <summary>Gives a new scope the table that the engine would make at its first look-up.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="parent">The scope around it.</param>
    public void Give(object scope, object parent)
    {
        if (get(scope) is not null || get(parent) is not { } around)
        {
            return;
        }

        if (around != _parent || StateOf(around) != _parentState)
        {
            _parent = around;
            _parentState = StateOf(around);
            _pattern = make(parent);
            _given = null;
        }

        if (_given is null)
        {
            _given = new Dictionary<string, T>(_pattern!, StringComparer.OrdinalIgnoreCase);
            _givenState = StateOf(_given);
        }

        set(scope, _given);
    }

    /// <summary>The scope has ended.</summary>
    /// <param name="isKept">Whether it lives on.</param>
    public void End(bool isKept)
    {
        if (_given is not null && (isKept || StateOf(_given) != _givenState))
        {
            _given = null;
        }
    }

    // A removal does not change the version.
    private (int Version, int Count) StateOf(Dictionary<string, T> table) => (versionOf(table), table.Count);
}
