namespace AsyncPs.Blocks.Capture;

/// <summary>
/// The global variables that the import of a module has set in a worker. They belong to the module, but the worker loses them when it is
/// reset between calls. Each call that uses the module sets them again.
/// </summary>
internal sealed class ImportedGlobals
{
    private readonly List<(string Name, object? Value)> _variables = [];

    /// <summary>Imports in the global scope, where the scripts that a manifest runs in its user's session run.</summary>
    public ImportOutcome Observe(PSCmdlet command, Func<ImportOutcome> import)
    {
        ImportOutcome? outcome = null;
        if (EngineInternals.Scopes is not { } scopes)
        {
            return import();
        }

        IDictionary<string, PSVariable> globals = scopes.Variables(scopes.Global(command.SessionState));
        Dictionary<string, object?> before = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, PSVariable variable) in globals)
        {
            before[name] = variable.Value;
        }

        WorkerGlobals.TryInGlobalScope(command, () => outcome = import());
        foreach ((string name, PSVariable variable) in globals)
        {
            if (!AutomaticVariables.Contains(name) && !(before.TryGetValue(name, out object? value) && Equals(value, variable.Value)))
            {
                _variables.Add((name, variable.Value));
            }
        }

        return outcome!;
    }

    /// <summary>Sets the missing ones again.</summary>
    public void Restore(PSCmdlet command)
    {
        if (_variables.Count == 0)
        {
            return;
        }

        IDictionary<string, PSVariable>? globals = EngineInternals.Scopes is { } scopes
            ? scopes.Variables(scopes.Global(command.SessionState))
            : null;
        foreach ((string name, object? value) in _variables)
        {
            if (globals?.ContainsKey(name) != true)
            {
                command.SessionState.PSVariable.Set("global:" + name, value);
            }
        }
    }
}
