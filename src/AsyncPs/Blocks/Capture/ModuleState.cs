namespace AsyncPs.Blocks.Capture;

/// <summary>
/// The variables of a module of the caller, which its functions share as `$script:`. A worker imported the same file, perhaps long ago.
/// Before each call its module gets the caller's values, so that it is connected where the caller's module is.
/// </summary>
internal sealed class ModuleState
{
    private readonly IDictionary<string, PSVariable> _variables;
    private readonly List<(string Name, CapturedValue Value)> _values = [];

    private ModuleState(IDictionary<string, PSVariable> variables) => _variables = variables;

    /// <summary>The state of a module.</summary>
    /// <returns>Null if it has none, or if the engine does not show it.</returns>
    public static ModuleState? For(PSModuleInfo module) => VariablesOf(module) is { } variables ? new ModuleState(variables) : null;

    /// <summary>Whether the module itself has a variable.</summary>
    /// <param name="name">Its name, without a scope.</param>
    public bool Has(string name) => _variables.ContainsKey(name);

    /// <summary>The values that were read.</summary>
    public IEnumerable<(string Name, object? Value)> Values => _values.Select(static v => (v.Name, v.Value.Source));

    /// <summary>Reads the current values of the variables. On the caller's thread.</summary>
    /// <param name="values">Prepares them for workers.</param>
    public void Read(ValueCarrier values)
    {
        foreach ((string name, PSVariable variable) in _variables)
        {
            if (IsState(variable) && !SessionBound.Is(variable.Value))
            {
                _values.Add((name, values.Carry("$script:" + name, variable.Value)));
            }
        }
    }

    /// <summary>Sets the values in a worker's module. Variables that the caller's module no longer has are removed.</summary>
    /// <param name="module">The worker's module.</param>
    /// <param name="scopes">Where the call's code runs in the worker.</param>
    public void Apply(PSModuleInfo module, WorkerScopes scopes)
    {
        if (VariablesOf(module) is not { } own || ReferenceEquals(own, _variables))
        {
            return;
        }

        foreach ((string name, CapturedValue value) in _values)
        {
            if (!own.TryGetValue(name, out PSVariable? variable))
            {
                module.SessionState.PSVariable.Set("script:" + name, value.In(scopes));
            }
            else if (IsState(variable))
            {
                Set(variable, value.In(scopes));
            }
        }

        foreach (PSVariable variable in own.Values.Where(variable => IsState(variable) && !Has(variable.Name)).ToArray())
        {
            module.SessionState.PSVariable.Remove(variable);
        }
    }

    private static IDictionary<string, PSVariable>? VariablesOf(PSModuleInfo module)
        => module.SessionState is { } session && EngineInternals.Scopes is { } scopes ? scopes.Variables(scopes.Module(session)) : null;

    private static void Set(PSVariable variable, object? value)
    {
        try
        {
            variable.Value = value;
        }
        catch (MetadataException)
        {
            // Its type is a class of the worker's own module, which the caller's value is not an instance of.
        }
    }

    // Excludes variables of the session and constants that the import sets.
    private static bool IsState(PSVariable variable)
        => (variable.Options & (ScopedItemOptions.ReadOnly | ScopedItemOptions.Constant | ScopedItemOptions.AllScope)) == 0
            && !AutomaticVariables.Contains(variable.Name);
}
