using System.Collections;
using System.Management.Automation.Language;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// Reads from the caller's session everything that the blocks name, and recursively what that names. Runs on the caller's thread, once
/// per call, before anything starts.
/// </summary>
internal sealed class ClosureReader
{
    private readonly PSCmdlet _caller;
    private readonly SessionView _callerView;
    private readonly Closure _closure = new();
    private readonly Dictionary<SessionState, SessionView> _views = [];
    private readonly Dictionary<PSModuleInfo, CapturedModule?> _homes = [];
    private readonly Queue<Reading> _unread = [];
    private readonly HashSet<(Ast Code, object Where)> _seen = [];
    private readonly List<Ast> _codes = [];
    private readonly ValueCarrier _values;
    private readonly HashSet<string> _methods = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _automatic;

    private ClosureReader(PSCmdlet caller, bool automatic)
    {
        _caller = caller;
        _callerView = ViewOf(caller.SessionState);
        _values = new ValueCarrier(CarryBlock, CarryFunctionValue);
        _automatic = automatic;
    }

    /// <summary>Reads everything that a call captures.</summary>
    /// <param name="blocks">The blocks of the call.</param>
    /// <param name="usingValues">The values of their `$using:` expressions, by the engine's key.</param>
    /// <param name="options">The caller's parameters.</param>
    /// <param name="caller">The cmdlet that was given the blocks.</param>
    /// <exception cref="ConcurrentArgumentException">A name in the parameters is wrong.</exception>
    public static Closure Read(
        IReadOnlyList<ScriptBlock> blocks, IReadOnlyDictionary<string, object?> usingValues, CaptureOptions options, PSCmdlet caller)
    {
        ClosureReader reader = new(caller, options.Automatic);
        reader.AddNamed(options);
        foreach ((string key, object? value) in usingValues)
        {
            reader._closure.AddUsingValue(key, reader._values.Carry(UsingValues.TextOf(key), value));
        }

        foreach (ScriptBlock block in blocks)
        {
            reader.AddCode(block.Ast);
            if (options.Automatic)
            {
                reader.Enqueue(block.Ast, reader.ViewOf(block), reader._closure.Scope);
            }
        }

        reader.ReadAll();
        reader.WarnOfWhatStays();
        return reader._closure;
    }

    private void AddNamed(CaptureOptions options)
    {
        foreach (DictionaryEntry entry in options.Variables ?? new Hashtable())
        {
            if (entry.Key is not string { Length: > 0 } name
                || WildcardPattern.ContainsWildcardCharacters(name)
                || AutomaticVariables.Contains(FreeVariableAnalyzer.WithoutScope(name)))
            {
                throw CaptureErrors.VariableNameNotValid(entry.Key);
            }

            _closure.Scope.SetVariable(name, _values.Carry("$" + name, entry.Value));
        }

        foreach (string name in options.Functions)
        {
            if (!CarryCommand(name, _callerView, _closure.Scope))
            {
                throw CaptureErrors.FunctionNotFound(name);
            }
        }

        foreach (string name in options.Modules)
        {
            AddModule(name);
        }
    }

    private void AddModule(string name)
    {
        if (ModuleFinder.Find(name, _caller, out PSModuleInfo? loaded) is { } import)
        {
            _closure.Show(import);
            if (loaded is not null && !import.IsBuiltIn)
            {
                OpenWithNested(loaded, loaded);
            }

            return;
        }

        // A dynamic module: each function that it exports is captured.
        foreach (FunctionInfo function in (loaded ?? throw CaptureErrors.ModuleNotFound(name)).ExportedFunctions.Values)
        {
            CarryCommand(function.Name, _callerView, _closure.Scope);
        }
    }

    // Any of its code may run.
    private void OpenWithNested(PSModuleInfo module, PSModuleInfo exporter)
    {
        if (module.SessionState is not null && HomeOf(module, exporter) is FileModule home)
        {
            _closure.Open(home);
        }

        foreach (FunctionInfo function in module.ExportedFunctions.Values)
        {
            ReadAtHome(function.ScriptBlock, HomeOf(function.ScriptBlock.Module, exporter), _closure.Scope);
        }

        foreach (PSModuleInfo nested in module.NestedModules)
        {
            OpenWithNested(nested, exporter);
        }
    }

    private void ReadAll()
    {
        while (_unread.TryDequeue(out Reading? next))
        {
            _methods.UnionWith(next.Code.Methods);
            foreach (string name in next.Code.Variables)
            {
                ReadVariable(name, next);
            }

            foreach (string name in next.Code.Commands)
            {
                ReadCommand(name, next);
            }

            foreach (string name in next.Code.CommandVariables)
            {
                if (next.View.FindVariable(name)?.Value is string { Length: > 0 } command)
                {
                    ReadCommand(command, next);
                }
            }
        }
    }

    private void ReadVariable(string name, Reading reading)
    {
        if (reading.Scope == _closure.Global)
        {
            ReadGlobalVariable(FreeVariableAnalyzer.WithoutScope(name), reading);
        }
        else if (!reading.Scope.HasVariable(name) && !CallerSession.IsPreference(name) && reading.View.FindVariable(name) is { } variable)
        {
            reading.Scope.SetVariable(name, _values.Carry("$" + name, variable.Value));
        }
    }

    private void AddCode(Ast code)
    {
        _closure.AddCode(code);
        _codes.Add(code);
    }

    // Blocks that are only read do no harm.
    private void WarnOfWhatStays()
    {
        var callsBlocks = new Lazy<bool>(() => _codes.Exists(StrayBlocks.AreCalledIn));
        foreach (string holder in _values.Holders.Where(_ => callsBlocks.Value))
        {
            _caller.WriteWarning(CaptureErrors.BlocksStay(holder));
        }

        var affinity = new ClassAffinity(_methods);
        foreach (string warning in _values.ClassObjects.Values.Select(affinity.Inspect).OfType<string>())
        {
            _caller.WriteWarning(warning);
        }

        _closure.Inspector = new InputInspector(affinity, callsBlocks);
    }

    // For code of a module, which brings its own variables.
    private void ReadGlobalVariable(string name, Reading reading)
    {
        string global = "global:" + name;
        if (reading.Home?.HasVariable(name) != true
            && !reading.Scope.HasVariable(global)
            && !CallerSession.IsPreference(name)
            && reading.View.FindGlobalVariable(name) is { } variable
            && (variable.Options & (ScopedItemOptions.ReadOnly | ScopedItemOptions.Constant)) == 0)
        {
            reading.Scope.SetVariable(global, _values.Carry("$" + global, variable.Value));
        }
    }

    private void ReadCommand(string name, Reading reading)
    {
        if (reading.Home is { } home
            && reading.View.FindAlias(name) is null
            && reading.View.FindFunction(name) is { } function
            && BringsAlong(home, function, reading.View))
        {
            ReadAtHome(function.ScriptBlock, HomeOf(function.ScriptBlock.Module, function.Module), reading.Scope);
        }
        else
        {
            CarryCommand(name, reading.View, reading.Scope);
        }
    }

    // Whether code of a module finds a function in a worker without help: its own, or one of a module that it imports or requires.
    private bool BringsAlong(FileModule home, FunctionInfo function, SessionView view)
        => function.ScriptBlock.Module is { } module
            && (HomeOf(module, function.Module) == home
                || !view.IsGlobal(function)
                || (function.Module is { } exporter && ModuleImport.Of(exporter) is { } import && home.Import.Required.Contains(import)));

    private void Enqueue(Ast ast, SessionView view, CapturedScope scope, FileModule? home = null)
    {
        if (_seen.Add((ast, home is null ? scope : home)))
        {
            AddCode(ast);
            _unread.Enqueue(new Reading(CodeReads.Of(ast), view, scope, home));
        }
    }

    // True if the caller has such a command, of a kind that can be captured or need not be.
    private bool CarryCommand(string name, SessionView view, CapturedScope scope)
    {
        if (!scope.TryClaimCommand(name))
        {
            return true;
        }

        if (view.FindAlias(name) is { } alias)
        {
            if (!DefaultAliases.Has(alias))
            {
                scope.AddAlias(name, alias.Definition);
            }

            CarryCommand(alias.Definition, view, scope);
            return true;
        }

        CommandInfo? command = view.FindFunction(name)
            ?? (CommandInfo?)view.FindCmdlet(name)
            ?? (CommandNames.IsQualified(name) ? view.FindQualified(name) : null);
        switch (command)
        {
            case FunctionInfo function when CommandNames.IsQualified(name):
                // The worker finds it once the module is imported.
                if (RequireModule(function.Module) is not null)
                {
                    ReadAtHome(function.ScriptBlock, HomeOf(function.ScriptBlock.Module, function.Module), scope);
                }

                return true;
            case FunctionInfo function:
                CarryFunction(name, function, scope);
                return true;
            case CmdletInfo cmdlet:
                if (RequireModule(cmdlet.Module) is { } import && !CommandNames.IsQualified(name))
                {
                    scope.AddAlias(name, $"{import.Name}\\{cmdlet.Name}");
                }

                return true;
            default:
                return false;
        }
    }

    private void CarryFunction(string name, FunctionInfo function, CapturedScope scope)
    {
        ScriptBlock block = function.ScriptBlock;
        if (HomeOf(block.Module, function.Module) is var home && home is FileModule { Import.IsBuiltIn: true })
        {
            // Every session has it.
            return;
        }

        scope.AddFunction(name, UnboundBlocks.Get(block), home);
        ReadAtHome(block, home, scope);
    }

    private CapturedValue CarryBlock(ScriptBlock block)
    {
        CapturedModule? home = HomeOf(block.Module, block.Module);
        _closure.SetHome(block, home);
        ScriptBlock unbound = UnboundBlocks.Get(block);
        if (_automatic || home is not null)
        {
            ReadAtHome(block, home, _closure.Scope);
        }

        return home is null ? new CapturedValue(unbound) : new CapturedValue(scopes => scopes.Bind(unbound, home));
    }

    // A result of Get-Command: in the worker, the function of that name, which must not be the caller's.
    private CapturedValue CarryFunctionValue(FunctionInfo function)
    {
        if (_closure.Scope.TryClaimCommand(function.Name))
        {
            CarryFunction(function.Name, function, _closure.Scope);
        }

        CapturedModule? home = HomeOf(function.ScriptBlock.Module, function.Module);
        return new CapturedValue(scopes =>
            (home is FileModule file ? EngineInternals.FindFunction?.Invoke(scopes.Open(file).SessionState, function.Name) : null)
                ?? scopes.Command.InvokeCommand.GetCommand(function.Name, CommandTypes.Function | CommandTypes.Filter));
    }

    private void ReadAtHome(ScriptBlock block, CapturedModule? home, CapturedScope scope)
    {
        switch (home)
        {
            case null:
                Enqueue(block.Ast, ViewOf(block), scope);
                break;
            case DynamicModule memory:
                Enqueue(block.Ast, memory.Session, memory.Scope);
                break;
            case FileModule { Import.IsBuiltIn: false } file:
                // The module brings its own variables; what its code takes from the session around it must be there too.
                _closure.Open(file);
                if (EngineInternals.Scopes is not null)
                {
                    Enqueue(block.Ast, file.Session, _closure.Global, file);
                }

                break;
            default:
                // Every session has it.
                break;
        }
    }

    private ModuleImport? RequireModule(PSModuleInfo? module)
    {
        if (module is null || ModuleImport.Of(module) is not { IsBuiltIn: false } import)
        {
            return null;
        }

        _closure.Require(import);
        return import;
    }

    private CapturedModule? HomeOf(PSModuleInfo? module, PSModuleInfo? exporter)
    {
        if (module is null)
        {
            return null;
        }

        if (!_homes.TryGetValue(module, out CapturedModule? home))
        {
            SessionView view = ViewOf(module.SessionState);
            home = FileModule.For(module, exporter ?? module, view) ?? (CapturedModule)new DynamicModule(view);
            _homes.Add(module, home);
            (home as FileModule)?.Read(_values);
        }

        return home;
    }

    // A block without a session belongs to the session that runs it.
    private SessionView ViewOf(ScriptBlock block)
        => (EngineInternals.SessionOfBlock?.Invoke(block) ?? block.Module?.SessionState) is { } session ? ViewOf(session) : _callerView;

    private SessionView ViewOf(SessionState session)
    {
        if (!_views.TryGetValue(session, out SessionView? view))
        {
            _views.Add(session, view = new SessionView(session, _caller));
        }

        return view;
    }

    // A piece of code, and where the names in it are looked up.
    private sealed record Reading(CodeReads Code, SessionView View, CapturedScope Scope, FileModule? Home);
}
