namespace AsyncPs.Blocks.State;

/// <summary>The global functions and aliases at the start of an item, to detect and undo changes. Those of modules stay.</summary>
internal sealed class CommandBaseline
{
    private readonly EngineInternals.SessionTables _tables;
    private HashSet<string> _functions = [];
    private HashSet<string> _aliases = [];
    private FunctionInfo[] _watched = [];
    private ScriptBlock[] _blocks = [];

    /// <summary>Records the current functions and aliases.</summary>
    public CommandBaseline(EngineInternals.SessionTables tables)
    {
        _tables = tables;
        Take();
    }

    /// <summary>Whether they have changed.</summary>
    public bool HasChanged
    {
        get
        {
            if (_tables.Functions.Count != _functions.Count || _tables.Aliases.Count != _aliases.Count)
            {
                return true;
            }

            for (int i = 0; i < _watched.Length && i < _blocks.Length; i++)
            {
                if (!ReferenceEquals(EngineInternals.BlockOf(_watched[i]), _blocks[i]))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>The functions that an item has defined, by name.</summary>
    public Dictionary<string, ScriptBlock> Changes()
        => _tables.Functions.Where(entry => entry.Value.Module is null && IsNewOrChanged(entry.Value))
            .ToDictionary(static entry => entry.Key, static entry => entry.Value.ScriptBlock, StringComparer.OrdinalIgnoreCase);

    /// <summary>Restores the functions and aliases.</summary>
    /// <param name="keepsNew">Whether new ones are kept, because they belong to a module that was imported.</param>
    public void Restore(bool keepsNew)
    {
        if (!keepsNew)
        {
            foreach (FunctionInfo function in _tables.Functions.Values
                .Where(f => f.Module is null && !_functions.Contains(f.Name))
                .ToArray())
            {
                _tables.RemoveFunction(function.Name);
            }

            foreach (AliasInfo alias in _tables.Aliases.Values.Where(a => a.Module is null && !_aliases.Contains(a.Name)).ToArray())
            {
                _tables.RemoveAlias(alias.Name);
            }
        }

        for (int i = 0; i < _watched.Length; i++)
        {
            EngineInternals.BlockOf(_watched[i]) = _blocks[i];
        }

        Take();
    }

    private bool IsNewOrChanged(FunctionInfo function)
    {
        int known = Array.IndexOf(_watched, function);
        return known < 0 || !ReferenceEquals(EngineInternals.BlockOf(function), _blocks[known]);
    }

    private void Take()
    {
        _functions = new(_tables.Functions.Keys, StringComparer.OrdinalIgnoreCase);
        _aliases = new(_tables.Aliases.Keys, StringComparer.OrdinalIgnoreCase);
        _watched = [.. _tables.Functions.Values.Where(static function => function.Module is null)];
        _blocks = Array.ConvertAll(_watched, static function => EngineInternals.BlockOf(function));
    }
}
