using System.Collections;
using System.Management.Automation.Language;

namespace AsyncPs.Concurrency.Scripts.Capture;

/// <summary>
/// Reads from the caller's session what blocks name, what that names in turn, and so on. On the caller's thread, once a
/// call, before anything starts.
/// </summary>
internal sealed class ClosureReader
{
    private readonly PSCmdlet _caller;
    private readonly SessionView _callerView;
    private readonly Closure _closure = new();
    private readonly Dictionary<SessionState, SessionView> _views = [];
    private readonly Dictionary<PSModuleInfo, ModuleHome?> _homes = [];
    private readonly Queue<(CodeReads Code, SessionView View, CapturedScope Scope)> _unread = [];
    private readonly HashSet<(Ast, CapturedScope)> _seen = [];
    private readonly ValueCarrier _values;
    private readonly bool _automatic;

    private ClosureReader(PSCmdlet caller, bool automatic)
    {
        _caller = caller;
        _callerView = ViewOf(caller.SessionState);
        _values = new ValueCarrier(CarryBlock, CarryFunctionValue);
        _automatic = automatic;
    }

    /// <summary>Reads all that a call carries.</summary>
    /// <param name="blocks">The blocks the call runs.</param>
    /// <param name="usingValues">The values of their `$using:` expressions, by the engine's key.</param>
    /// <param name="options">What the caller said about it.</param>
    /// <param name="caller">The cmdlet that was given the blocks.</param>
    /// <exception cref="ConcurrentArgumentException">A name in the options is wrong.</exception>
    public static Closure Read(IReadOnlyList<ScriptBlock> blocks, IReadOnlyDictionary<string, object?> usingValues, CaptureOptions options, PSCmdlet caller)
    {
        ClosureReader reader = new(caller, options.Automatic);
        reader.AddNamed(options);
        foreach ((string key, object? value) in usingValues)
        {
            reader._closure.AddUsingValue(key, reader._values.Carry(value));
        }

        if (options.Automatic)
        {
            foreach (ScriptBlock block in blocks)
            {
                reader.Enqueue(block.Ast, reader.ViewOf(block), reader._closure.Scope);
            }
        }

        reader.ReadAll();
        return reader._closure;
    }

    private void AddNamed(CaptureOptions options)
    {
        foreach (DictionaryEntry entry in options.Variables ?? new Hashtable())
        {
            if (entry.Key is not string { Length: > 0 } name || WildcardPattern.ContainsWildcardCharacters(name) || AutomaticVariables.Contains(CodeReader.WithoutScope(name)))
            {
                throw Errors.VariableNameNotValid(entry.Key);
            }

            _closure.Scope.SetVariable(name, _values.Carry(entry.Value));
        }

        foreach (string name in options.Functions)
        {
            if (!CarryCommand(name, _callerView, _closure.Scope))
            {
                throw Errors.FunctionNotFound(name);
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
            return;
        }

        // One in memory: all it exports, function by function.
        foreach (FunctionInfo function in (loaded ?? throw Errors.ModuleNotFound(name)).ExportedFunctions.Values)
        {
            CarryCommand(function.Name, _callerView, _closure.Scope);
        }
    }

    private void ReadAll()
    {
        while (_unread.TryDequeue(out (CodeReads Code, SessionView View, CapturedScope Scope) next))
        {
            foreach (string name in next.Code.Variables)
            {
                if (!next.Scope.HasVariable(name) && !CallerSession.IsPreference(name) && next.View.FindVariable(name) is { } variable)
                {
                    next.Scope.SetVariable(name, _values.Carry(variable.Value));
                }
            }

            foreach (string name in next.Code.Commands)
            {
                CarryCommand(name, next.View, next.Scope);
            }

            foreach (string name in next.Code.CommandVariables)
            {
                if (next.View.FindVariable(name)?.Value is string { Length: > 0 } command)
                {
                    CarryCommand(command, next.View, next.Scope);
                }
            }
        }
    }

    private void Enqueue(Ast ast, SessionView view, CapturedScope scope)
    {
        if (_seen.Add((ast, scope)))
        {
            _unread.Enqueue((CodeReads.Of(ast), view, scope));
        }
    }

    // True if the caller has such a command, of a kind that can be carried or need not be.
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

        CommandInfo? command = view.FindFunction(name) ?? (CommandInfo?)view.FindCmdlet(name) ?? (IsQualified(name) ? view.FindQualified(name) : null);
        switch (command)
        {
            case FunctionInfo function when IsQualified(name):
                // Found there as here, once the module is there.
                RequireModule(function.Module);
                return true;
            case FunctionInfo function:
                CarryFunction(name, function, scope);
                return true;
            case CmdletInfo cmdlet:
                if (RequireModule(cmdlet.Module) is { } import && !IsQualified(name))
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
        if (HomeOf(block.Module, function.Module) is var home && home is FileHome { Import.IsBuiltIn: true })
        {
            // Any session has it.
            return;
        }

        scope.AddFunction(name, UnboundBlocks.Get(block), home);
        ReadAtHome(block, home, scope);
    }

    private CarriedValue CarryBlock(ScriptBlock block)
    {
        ModuleHome? home = HomeOf(block.Module, block.Module);
        ScriptBlock unbound = UnboundBlocks.Get(block);
        if (_automatic || home is not null)
        {
            ReadAtHome(block, home, _closure.Scope);
        }

        return home is null ? new CarriedValue(unbound) : new CarriedValue(scopes => scopes.Bind(unbound, home));
    }

    // What Get-Command returned: there the function of that name, which must not be the caller's.
    private CarriedValue CarryFunctionValue(FunctionInfo function)
    {
        if (_closure.Scope.TryClaimCommand(function.Name))
        {
            CarryFunction(function.Name, function, _closure.Scope);
        }

        return new CarriedValue(scopes => scopes.Command.InvokeCommand.GetCommand(function.Name, CommandTypes.Function | CommandTypes.Filter));
    }

    private void ReadAtHome(ScriptBlock block, ModuleHome? home, CapturedScope scope)
    {
        switch (home)
        {
            case null:
                Enqueue(block.Ast, ViewOf(block), scope);
                break;
            case MemoryHome memory:
                Enqueue(block.Ast, memory.Session, memory.Scope);
                break;
            default:
                // The module brings along what its code needs.
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

    private ModuleHome? HomeOf(PSModuleInfo? module, PSModuleInfo? exporter)
    {
        if (module is null)
        {
            return null;
        }

        if (!_homes.TryGetValue(module, out ModuleHome? home))
        {
            home = FileHome.For(module, exporter ?? module) ?? (ModuleHome)new MemoryHome(ViewOf(module.SessionState));
            _homes.Add(module, home);
        }

        return home;
    }

    // A block without a session belongs to whoever runs it.
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

    private static bool IsQualified(string name)
    {
        int separator = name.IndexOf('\\', StringComparison.Ordinal);
        return separator > 0 && separator == name.LastIndexOf('\\') && name.AsSpan(0, separator) is not ("." or "..") && name.AsSpan().IndexOfAny('/', ':') < 0;
    }
}
