using System.Collections;
using System.Globalization;
using AsyncPs.Blocks;
using AsyncPs.Blocks.Capture;
using AsyncPs.Remote.Closures;

namespace AsyncPs.Remote.Far;

/// <summary>
/// The counterpart of the caller's session in the process that runs the items. What the blocks name exists in the global scope as long as
/// the call lasts. From there it is captured for the worker that runs the blocks, as in the caller's process.
/// </summary>
internal sealed class FarSession
{
    private const string AliasScript = "Microsoft.PowerShell.Utility\\Set-Alias -Name $args[0] -Value $args[1] -Scope Global -Force";

    private readonly PSCmdlet _command;
    private readonly IDictionary _written;
    private readonly TravelReader _reader;
    private readonly PSModuleInfo?[] _homes;
    private readonly Dictionary<string, string?> _environment = [];
    private readonly List<string> _functions = [];
    private readonly List<string> _aliases = [];
    private readonly List<(string Name, object? Before, bool Existed)> _variables = [];

    private FarSession(PSCmdlet command, IDictionary written)
    {
        _command = command;
        _written = written;
        _reader = new TravelReader(command, Home);
        _homes = new PSModuleInfo?[Written(TravelKeys.Homes).Length];
    }

    /// <summary>Sets up the session.</summary>
    /// <param name="command">The command that sets it up.</param>
    /// <param name="written">The data of the caller.</param>
    /// <exception cref="RuntimeException">Something is not available here.</exception>
    public static FarSession Enter(PSCmdlet command, IDictionary written)
    {
        FarSession session = new(command, written);
        session.Enter();
        return session;
    }

    /// <summary>Creates the job that runs the caller's blocks.</summary>
    public ScriptJob CreateJob()
    {
        ScriptBlock[] blocks = Array.ConvertAll(Written(TravelKeys.Blocks), block => _reader.Block(block)!);
        ScriptBlock? initialization = _reader.Block(_written[TravelKeys.Initialization]);
        ScriptBlock? finalization = _reader.Block(_written[TravelKeys.Finalization]);
        var scripts = new WorkerScripts(initialization, finalization, RetryFilter: null)
        {
            ItemInitialization = _reader.Block(_written[TravelKeys.ItemInitialization]),
            EndsAtErrors = LanguagePrimitives.IsTrue(_written[TravelKeys.EndsAtErrors]),
        };
        var capture = new CaptureOptions(
            Automatic: !LanguagePrimitives.IsTrue(_written[TravelKeys.NoCapture]),
            Values(_written[TravelKeys.OwnVariables]),
            Array.ConvertAll(Written(TravelKeys.OwnFunctions), static name => TravelReader.Text(name)!),
            Array.ConvertAll(
                Written(TravelKeys.Shown), static shown => FarModules.SourceOf((IDictionary)PSObjectExtensions.Unwrap(shown)!)));
        object?[]? arguments = _written[TravelKeys.Arguments] is null ? null
            : Array.ConvertAll(Written(TravelKeys.Arguments), _reader.Value);
        HasContext = Array.Exists(blocks, ContextVariable.IsNamedIn);
        return new ScriptJob(blocks, arguments, capture, scripts, _command);
    }

    /// <summary>Whether the blocks read their item's context.</summary>
    public bool HasContext { get; private set; }

    /// <summary>Removes what was set up for the call.</summary>
    /// <param name="command">The command that removes it.</param>
    public void Leave(PSCmdlet command)
    {
        ItemCmdletProviderIntrinsics items = command.InvokeProvider.Item;
        foreach (string path in _functions.Concat(_aliases))
        {
            if (items.Exists(path, force: true, literalPath: true))
            {
                items.Remove([path], recurse: false, force: true, literalPath: true);
            }
        }

        foreach ((string name, string? before) in _environment)
        {
            Environment.SetEnvironmentVariable(name, before);
        }

        if (_location is not null)
        {
            command.SessionState.Path.SetLocation(WildcardPattern.Escape(_location));
        }

        foreach ((string name, object? before, bool existed) in Enumerable.Reverse(_variables))
        {
            if (existed)
            {
                command.SessionState.PSVariable.Set(name, before);
            }
            else
            {
                command.SessionState.PSVariable.Remove(name);
            }
        }
    }

    private void Enter()
    {
        SetEnvironment();
        SetCulture();
        SetLocation();
        foreach (object? copy in Written(TravelKeys.Copies))
        {
            FarModules.Store((IDictionary)PSObjectExtensions.Unwrap(copy)!, _command);
        }

        foreach (object? import in Written(TravelKeys.Imports))
        {
            FarModules.Get((IDictionary)PSObjectExtensions.Unwrap(import)!, _command);
        }

        for (int home = 0; home < _homes.Length; home++)
        {
            Home(home);
        }

        SetFunctions(Written(TravelKeys.Functions));
        foreach (DictionaryEntry alias in Table(TravelKeys.Aliases))
        {
            string path = "alias:" + alias.Key;
            if (!_command.InvokeProvider.Item.Exists(path, force: true, literalPath: true))
            {
                _aliases.Add(path);
            }

            _command.InvokeCommand.InvokeScript(AliasScript, alias.Key, TravelReader.Text(alias.Value));
        }

        SetVariables(Table(TravelKeys.Variables));
        SetVariables(Table(TravelKeys.Globals));
        SetVariables(Table(TravelKeys.Preferences));

        // The scope is that of a pipeline that serves other calls too.
        string strictMode = TravelReader.Text(_written[TravelKeys.StrictMode]) ?? "0.0";
        EngineInternals.Scopes?.SetStrictMode(_command.SessionState, Version.Parse(strictMode));
    }

    private void SetFunctions(object?[] functions)
    {
        foreach (IDictionary function in functions.Select(static f => (IDictionary)PSObjectExtensions.Unwrap(f)!))
        {
            string name = TravelReader.Text(function[TravelKeys.Name])!;
            string path = "function:" + FreeVariableAnalyzer.WithoutScope(name);
            bool exists = _command.InvokeProvider.Item.Exists(path, force: true, literalPath: true);
            if (exists && ((IDictionary)PSObjectExtensions.Unwrap(function[TravelKeys.Block])!).Contains(TravelKeys.Home))
            {
                // It came with its module, which was just imported.
                continue;
            }

            if (!exists)
            {
                _functions.Add(path);
            }

            string global = "function:global:" + FreeVariableAnalyzer.WithoutScope(name);
            _command.InvokeProvider.Item.Set([global], _reader.Block(function[TravelKeys.Block])!, force: true, literalPath: true);
        }
    }

    private void SetVariables(IDictionary variables)
    {
        foreach (DictionaryEntry variable in variables)
        {
            string name = "global:" + FreeVariableAnalyzer.WithoutScope((string)variable.Key);
            object? value = _reader.Value(variable.Value);
            if (name == "global:OutputEncoding")
            {
                value = System.Text.Encoding.GetEncoding(TravelReader.Text(value)!);
            }

            PSVariable? before = _command.SessionState.PSVariable.Get(name);
            try
            {
                _command.SessionState.PSVariable.Set(name, value);
                _variables.Add((name, before?.Value, before is not null));
            }
            catch (SessionStateException)
            {
                // PowerShell sets the variable by itself, as $PSStyle: this session has its own.
            }
        }
    }

    // The location of the process before its first call. It keeps the location of the last call, because a change takes a millisecond.
    private static string? _home;

    private string? _location;

    private void SetLocation()
    {
        bool isKept = LanguagePrimitives.IsTrue(_written[TravelKeys.KeepsLocation]);
        string before = _command.SessionState.Path.CurrentLocation.Path;
        if ((TravelReader.Text(_written[TravelKeys.Location]) ?? (isKept ? _home : null)) is not { } location || location == before)
        {
            return;
        }

        _home ??= before;
        try
        {
            _location = isKept ? null : before;
            _command.SessionState.Path.SetLocation(WildcardPattern.Escape(location));
        }
        catch (Exception e) when (e is SessionStateException or ProviderInvocationException or IOException or UnauthorizedAccessException)
        {
            throw CaptureErrors.LocationNotAvailable(location, e.Message);
        }
    }

    private void SetCulture()
    {
        if (TravelReader.Text(_written[TravelKeys.Culture]) is { } culture)
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
        }

        if (TravelReader.Text(_written[TravelKeys.UICulture]) is { } uiCulture)
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(uiCulture);
        }
    }

    private void SetEnvironment()
    {
        foreach (DictionaryEntry variable in Table(TravelKeys.OwnEnvironment))
        {
            _environment[(string)variable.Key] = Environment.GetEnvironmentVariable((string)variable.Key);
            Environment.SetEnvironmentVariable((string)variable.Key, TravelReader.Text(variable.Value));
        }

        if (PSObjectExtensions.Unwrap(_written[TravelKeys.Environment]) is not IDictionary wanted)
        {
            return;
        }

        foreach (string name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(name => !wanted.Contains(name)).ToArray())
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        foreach (DictionaryEntry variable in wanted)
        {
            Environment.SetEnvironmentVariable((string)variable.Key, TravelReader.Text(variable.Value));
        }
    }

    private PSModuleInfo Home(int index)
    {
        if (_homes[index] is { } known)
        {
            return known;
        }

        var home = (IDictionary)PSObjectExtensions.Unwrap(Written(TravelKeys.Homes)[index])!;
        if (PSObjectExtensions.Unwrap(home[TravelKeys.Import]) is IDictionary import)
        {
            PSModuleInfo imported = FarModules.Nested(FarModules.Get(import, _command), TravelReader.Text(home[TravelKeys.NestedPath]));
            _homes[index] = imported;
            SetState(imported, (IDictionary)PSObjectExtensions.Unwrap(home[TravelKeys.Variables])!);
            return imported;
        }

        // Registered before it is filled, because its values may refer to it.
        var module = new PSModuleInfo(linkToGlobal: true);
        _homes[index] = module;
        CapturedScope scope = new();
        foreach (DictionaryEntry variable in (IDictionary)PSObjectExtensions.Unwrap(home[TravelKeys.Variables])!)
        {
            scope.SetVariable((string)variable.Key, new CapturedValue(_reader.Value(variable.Value)));
        }

        object?[] functions = TravelReader.Elements(home[TravelKeys.Functions]);
        foreach (IDictionary function in functions.Select(static f => (IDictionary)PSObjectExtensions.Unwrap(f)!))
        {
            scope.AddFunction(TravelReader.Text(function[TravelKeys.Name])!, _reader.Block(function[TravelKeys.Block])!, home: null);
        }

        foreach (DictionaryEntry alias in (IDictionary)PSObjectExtensions.Unwrap(home[TravelKeys.Aliases])!)
        {
            scope.AddAlias((string)alias.Key, TravelReader.Text(alias.Value)!);
        }

        DynamicModule.Fill(module, _command, command => scope.Apply(command, scopes: null));
        return module;
    }

    // So that the module is connected where the caller's is.
    private void SetState(PSModuleInfo module, IDictionary variables)
    {
        foreach (DictionaryEntry variable in variables)
        {
            try
            {
                module.SessionState?.PSVariable.Set("script:" + variable.Key, _reader.Value(variable.Value));
            }
            catch (Exception e) when (e is SessionStateException or MetadataException)
            {
                // The import sets it as a constant, or its type belongs to the module.
            }
        }
    }

    private object?[] Written(string key) => TravelReader.Elements(_written[key]);

    private IDictionary Table(string key) => PSObjectExtensions.Unwrap(_written[key]) as IDictionary ?? new Hashtable();

    private Hashtable? Values(object? written)
    {
        if (PSObjectExtensions.Unwrap(written) is not IDictionary { Count: > 0 } table)
        {
            return null;
        }

        Hashtable values = new(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in table)
        {
            values[entry.Key] = _reader.Value(entry.Value);
        }

        return values;
    }
}
