namespace AsyncPs.Blocks.Capture;

/// <summary>The values to set in one scope of a worker: its pipeline's, the global one, or that of a dynamic module.</summary>
internal sealed class CapturedScope
{
    private const string FunctionPath = "function:local:";
    private const string AliasPath = "alias:";

    private readonly Dictionary<string, Variable> _variables = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Function> _functions = [];
    private readonly List<Alias> _aliases = [];
    private readonly HashSet<string> _commands = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a variable is already included.</summary>
    public bool HasVariable(string name) => _variables.ContainsKey(name);

    /// <summary>Notes that a command was looked up.</summary>
    /// <returns>False if it was looked up before.</returns>
    public bool TryClaimCommand(string name) => _commands.Add(name);

    /// <summary>Adds or replaces a variable.</summary>
    /// <param name="name">Its name, with or without a scope.</param>
    /// <param name="value">Its value.</param>
    public void SetVariable(string name, CapturedValue value) => _variables[name] = new Variable(name, value);

    /// <summary>Removes a variable.</summary>
    /// <returns>False if it is not included.</returns>
    public bool RemoveVariable(string name) => _variables.Remove(name);

    /// <summary>Adds a function.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="block">Its block, unbound.</param>
    /// <param name="home">The module of its code, or null.</param>
    public void AddFunction(string name, ScriptBlock block, CapturedModule? home) => _functions.Add(new Function(name, block, home));

    /// <summary>Adds an alias.</summary>
    public void AddAlias(string name, string definition) => _aliases.Add(new Alias(name, definition));

    /// <summary>The variables, with the caller's values.</summary>
    public IEnumerable<(string Name, object? Value)> Variables => _variables.Values.Select(static v => (v.Name, v.Value.Source));

    /// <summary>The functions, with the modules of their code.</summary>
    public IEnumerable<(string Name, ScriptBlock Block, CapturedModule? Home)> Functions
        => _functions.Select(static f => (f.Name, f.Block, f.Home));

    /// <summary>The aliases.</summary>
    public IEnumerable<(string Name, string Definition)> Aliases => _aliases.Select(static a => (a.Name, a.Definition));

    /// <summary>Whether there is nothing to set.</summary>
    public bool IsEmpty => _variables.Count == 0 && _functions.Count == 0 && _aliases.Count == 0;

    /// <summary>The paths of the functions and aliases that it sets.</summary>
    public IEnumerable<string> Paths
        => [.. _functions.Select(static f => "function:" + f.Name), .. _aliases.Select(static a => AliasPath + a.Name)];

    /// <summary>Sets everything in the current scope of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="scopes">Where the call's code runs in the worker; null if no code belongs to a module and no value is created per
    /// worker.</param>
    public void Apply(PSCmdlet command, WorkerScopes? scopes)
    {
        ItemCmdletProviderIntrinsics items = command.InvokeProvider.Item;
        foreach (Function function in _functions)
        {
            ScriptBlock block = function.Home is { } home ? scopes!.Bind(function.Block, home) : function.Block;
            items.Set([FunctionPath + function.Name], block, force: true, literalPath: true);
        }

        foreach (Alias alias in _aliases)
        {
            items.Set([AliasPath + alias.Name], alias.Definition, force: true, literalPath: true);
        }

        // After the functions, because a variable may hold one of them.
        PSVariableIntrinsics variables = command.SessionState.PSVariable;
        foreach (Variable variable in _variables.Values)
        {
            variables.Set(variable.Name, variable.Value.In(scopes!));
        }
    }

    // These are classes, because the runtime ships compiled collections of references; a new process would have to compile collections of
    // structs.
    private sealed record Variable(string Name, CapturedValue Value);

    private sealed record Function(string Name, ScriptBlock Block, CapturedModule? Home);

    private sealed record Alias(string Name, string Definition);
}
