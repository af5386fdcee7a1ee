namespace AsyncPs.Blocks.State;

/// <summary>The variables of a scope at the start of an item, to detect and undo changes.</summary>
internal sealed class VariableBaseline
{
    // The engine creates it for the exit code of a native command, that is, for an item.
    private const string ExitCode = "LASTEXITCODE";

    private readonly Dictionary<string, PSVariable> _table;
    private Dictionary<string, PSVariable> _known = [];
    private PSVariable[] _watched = [];
    private object?[] _values = [];

    /// <summary>Records the current variables.</summary>
    public VariableBaseline(Dictionary<string, PSVariable> table)
    {
        _table = table;
        Take();
    }

    /// <summary>Whether they have changed.</summary>
    public bool HasChanged
    {
        get
        {
            if (_table.Count != _known.Count)
            {
                return true;
            }

            PSVariable[] watched = _watched;
            object?[] values = _values;
            for (int i = 0; i < watched.Length && i < values.Length; i++)
            {
                if (!ReferenceEquals(EngineInternals.ValueOf(watched[i]), values[i]))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>What an item has set, by name.</summary>
    public Dictionary<string, object?> Changes()
    {
        Dictionary<string, object?> changes = new(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < _watched.Length; i++)
        {
            object? value = EngineInternals.ValueOf(_watched[i]);
            if (!ReferenceEquals(value, _values[i]) && !IsOfLocation(_watched[i].Name))
            {
                changes[_watched[i].Name] = value;
            }
        }

        foreach ((string name, PSVariable variable) in _table)
        {
            if (!_known.ContainsKey(name))
            {
                changes[name] = EngineInternals.ValueOf(variable);
            }
        }

        return changes;
    }

    /// <summary>Restores the variables.</summary>
    /// <param name="keepsNew">Whether new variables are kept, because they belong to a module that was imported.</param>
    /// <returns>Whether there are new variables.</returns>
    public bool Restore(bool keepsNew)
    {
        foreach ((string name, PSVariable variable) in _table.ToArray())
        {
            bool isOfModule = variable.Module is not null || (keepsNew && !name.Equals(ExitCode, StringComparison.OrdinalIgnoreCase));
            if (!_known.ContainsKey(name) && !isOfModule)
            {
                _table.Remove(name);
            }
        }

        foreach ((string name, PSVariable variable) in _known)
        {
            _table[name] = variable;
        }

        for (int i = 0; i < _watched.Length; i++)
        {
            EngineInternals.ValueOf(_watched[i]) = _values[i];
            EngineInternals.WasRemoved(_watched[i]) = false;
        }

        if (_table.Count == _known.Count)
        {
            return false;
        }

        Take();
        return true;
    }

    private static bool IsOfLocation(string name) => name.Equals("PWD", StringComparison.OrdinalIgnoreCase);

    private void Take()
    {
        _known = new(_table, _table.Comparer);

        // Other variables are computed, cannot be set, or are set for each item.
        _watched = [.. _table.Values.Where(static variable => variable.GetType() == typeof(PSVariable)
            && (variable.Options & ScopedItemOptions.Constant) == 0
            && variable.Name != ContextVariable.Name)];
        _values = Array.ConvertAll(_watched, static variable => EngineInternals.ValueOf(variable));
    }
}
