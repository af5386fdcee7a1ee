using System.Collections;

namespace AsyncPs.Blocks.State;

/// <summary>
/// The state of a worker's session with which every item of a call starts, regardless of earlier items. It includes the location, global
/// variables, functions, aliases, drives and breakpoints, `$Error`, `$?`, and the state of the thread, such as its culture. An item's own
/// scope ends with the item; this state outlives it. Most items change nothing, which a comparison shows, and only changes are undone.
/// State of the process, such as environment variables and the process's current directory, is left alone.
/// </summary>
internal sealed class SessionBaseline
{
    private readonly PSCmdlet _command;
    private readonly EngineInternals.SessionTables _tables;
    private readonly VariableBaseline _variables;
    private readonly VariableBaseline _scope;
    private readonly CommandBaseline _commands;
    private readonly LocationBaseline _location;
    private readonly HashSet<string> _drives;
    private readonly ArrayList _errors;
    private readonly object?[] _oldErrors;
    private readonly ExecutionContext? _context;
    private readonly HashSet<PSModuleInfo> _modules;
    private readonly BlockImports _imports;
    private readonly TableBaseline _parameters;
    private readonly TableBaseline _defaults;
    private readonly BreakpointBaseline? _breakpoints = BreakpointBaseline.OfThisSession();
    private int _modulesAtBegin;

    private SessionBaseline(PSCmdlet command, EngineInternals.SessionTables tables, BlockImports imports)
    {
        _command = command;
        _imports = imports;
        _tables = tables;
        _variables = new VariableBaseline(tables.Variables);
        _scope = new VariableBaseline(tables.ScopeVariables);
        _commands = new CommandBaseline(tables);
        _location = new LocationBaseline(tables);
        _drives = new(tables.Drives.Keys, StringComparer.OrdinalIgnoreCase);
        _errors = tables.Variables.TryGetValue("Error", out PSVariable? error) && error.Value is ArrayList list ? list : [];
        _oldErrors = _errors.ToArray();
        _context = ExecutionContext.Capture();
        _modules = [.. tables.Modules.Values];
        _parameters = new TableBaseline(command.SessionState.PSVariable.GetValue("PSBoundParameters"));
        _defaults = new TableBaseline(command.SessionState.PSVariable.GetValue("PSDefaultParameterValues"));
    }

    /// <summary>Records the state of a session that is ready for its first item. On the worker's thread, in its pipeline.</summary>
    /// <param name="command">The command of the pipeline.</param>
    /// <param name="imports">Receives the modules that must not outlive the call.</param>
    /// <returns>Null if the engine does not show the state.</returns>
    public static SessionBaseline? Take(PSCmdlet command, BlockImports imports)
        => EngineInternals.TablesOf is { } tablesOf ? new SessionBaseline(command, tablesOf(command), imports) : null;

    /// <summary>Starts to watch an item.</summary>
    public void Begin()
    {
        _tables.SetSuccess(true);
        _modulesAtBegin = _tables.Modules.Count;
        _breakpoints?.Begin();
    }

    /// <summary>Whether modules were added since the item started.</summary>
    public bool HasLoadedModules => _tables.Modules.Count != _modulesAtBegin;

    /// <summary>Undoes the changes of an item.</summary>
    public void Restore()
    {
        _breakpoints?.End();
        if (HasChanged)
        {
            PutBack();
        }
    }

    /// <summary>Undoes the changes of an item that resumes later, here or in another worker.</summary>
    /// <returns>The changes, for <see cref="Resume"/>; null if there are none.</returns>
    public SessionChanges? Suspend()
    {
        _breakpoints?.End();
        if (!HasChanged)
        {
            return null;
        }

        var changes = new SessionChanges(
            _command.SessionState.Path.CurrentLocation.Path,
            LocationBaseline.StacksOf(_tables),
            _variables.Changes(),
            _commands.Changes(),
            _errors.ToArray(),
            _parameters.Current,
            _defaults.Current,
            ExecutionContext.Capture());
        PutBack();
        return changes;
    }

    /// <summary>Restores the changes of an item that resumes.</summary>
    /// <param name="changes">The result of <see cref="Suspend"/>.</param>
    public void Resume(SessionChanges? changes)
    {
        if (changes is null)
        {
            return;
        }

        PathIntrinsics path = _command.SessionState.Path;
        if (path.CurrentLocation.Path != changes.Location)
        {
            path.SetLocation(WildcardPattern.Escape(changes.Location));
        }

        LocationBaseline.SetStacks(_tables, changes.Stacks);
        foreach ((string name, ScriptBlock block) in changes.Functions)
        {
            _command.InvokeProvider.Item.Set(["function:global:" + name], block, force: true, literalPath: true);
        }

        foreach ((string name, object? value) in changes.Variables)
        {
            _command.SessionState.PSVariable.Set("global:" + name, value);
        }

        SetErrors(changes.Errors);
        _parameters.Set(changes.Parameters);
        _defaults.Set(changes.Defaults);
        SetContext(changes.Context);
    }

    private bool HasChanged
        => _variables.HasChanged
            || _scope.HasChanged
            || _commands.HasChanged
            || _location.HasChanged
            || _parameters.HasChanged
            || _defaults.HasChanged
            || _breakpoints?.HasChanged == true
            || _errors.Count != _oldErrors.Length
            || _tables.Drives.Count != _drives.Count
            || !ReferenceEquals(ExecutionContext.Capture(), _context);

    private void PutBack()
    {
        PSModuleInfo[] imported = NewModules();
        bool hasImported = imported.Length > 0;

        // Before the drives, because the location may be on one that is removed.
        _location.Restore();
        if (_variables.Restore(hasImported))
        {
            _imports.Add(imported);
        }

        _scope.Restore(keepsNew: false);
        _commands.Restore(hasImported);
        SetErrors(_oldErrors);
        _parameters.Restore();
        _defaults.Restore();
        _breakpoints?.Restore();
        SetContext(_context);
        if (_tables.Drives.Count != _drives.Count)
        {
            RemoveDrives(hasImported);
        }
    }

    // What a module's script created when it was imported belongs to the module, which stays.
    private PSModuleInfo[] NewModules() => [.. _tables.Modules.Values.Where(module => _modules.Add(module) && HasScript(module))];

    private static bool HasScript(PSModuleInfo module) => module.ModuleType == ModuleType.Script || module.NestedModules.Any(HasScript);

    private void RemoveDrives(bool keepsNew)
    {
        foreach (string name in _tables.Drives.Keys.Where(name => !_drives.Contains(name)).ToArray())
        {
            if (keepsNew)
            {
                _drives.Add(name);
                continue;
            }

            try
            {
                _command.SessionState.Drive.Remove(name, force: true, scope: "global");
            }
            catch (Exception e) when (e is RuntimeException or InvalidOperationException)
            {
                // Its provider refuses, or the pipeline is being stopped. The next pipeline starts with the drive.
            }
        }
    }

    private void SetErrors(object?[] errors)
    {
        _errors.Clear();
        _errors.AddRange(errors);
    }

    private static void SetContext(ExecutionContext? context)
    {
        if (context is not null)
        {
            ExecutionContext.Restore(context);
        }
    }
}
