using System.Collections;
using System.Globalization;
using AsyncPs.Blocks;
using AsyncPs.Blocks.Capture;

namespace AsyncPs.Remote.Closures;

/// <summary>
/// All that the blocks of a call need of the caller's session, written so that it arrives in another process: there it becomes the like of
/// the
/// part of the session that they name, and the same engine carries it on to the worker that runs them.
/// </summary>
internal static class RemoteClosure
{
    /// <summary>Reads the caller's session. On the caller's thread, before anything starts.</summary>
    /// <param name="blocks">The blocks of the items.</param>
    /// <param name="arguments">What each gets as arguments, or null.</param>
    /// <param name="capture">What they see of the caller's session.</param>
    /// <param name="scripts">The blocks besides those of the items.</param>
    /// <param name="options">How they run there.</param>
    /// <param name="caller">The cmdlet that was given the blocks.</param>
    /// <exception cref="ConcurrentArgumentException">Something cannot live there, or a name is wrong.</exception>
    public static Hashtable Read(
        ScriptBlock[] blocks,
        object?[]? arguments,
        CaptureOptions capture,
        WorkerScripts scripts,
        RemoteRunOptions options,
        PSCmdlet caller)
    {
        if (caller.SessionState.LanguageMode != PSLanguageMode.FullLanguage || EngineInternals.IsSystemLockedDown())
        {
            throw RemoteErrors.LanguageModeNotFull(caller.SessionState.LanguageMode);
        }

        ScriptBlock[] all =
            [.. blocks, .. new[] { scripts.Initialization, scripts.Finalization, scripts.ItemInitialization }.OfType<ScriptBlock>()];
        Closure closure = ClosureReader.Read(all, new Dictionary<string, object?>(), capture, caller);
        var writer = new TravelWriter(closure.HomeOf);
        HashSet<string> own =
            new(capture.Variables?.Keys.Cast<object>().Select(static name => name.ToString()!) ?? [], StringComparer.OrdinalIgnoreCase);
        Dictionary<string, object?> variables = new(StringComparer.OrdinalIgnoreCase);
        ReadUsingVariables(all, caller, variables);
        foreach ((string name, object? value) in closure.Scope.Variables.Where(variable => !own.Contains(variable.Name)))
        {
            variables[name] = value;
        }

        var session = new CallerSession(caller);
        Hashtable written = new()
        {
            [TravelKeys.Blocks] = blocks.Select(block => (object)writer.Block(block)).ToArray(),
            [TravelKeys.Initialization] = scripts.Initialization is { } first ? writer.Block(first) : null,
            [TravelKeys.Finalization] = scripts.Finalization is { } last ? writer.Block(last) : null,
            [TravelKeys.ItemInitialization] = scripts.ItemInitialization is { } each ? writer.Block(each) : null,
            [TravelKeys.EndsAtErrors] = scripts.EndsAtErrors,
            [TravelKeys.Arguments] = arguments?.Select((argument, i) => writer.Value($"-ArgumentList[{i}]", argument)).ToArray(),
            [TravelKeys.NoCapture] = !capture.Automatic,
            [TravelKeys.NoAwait] = !options.Awaits,
            [TravelKeys.UseNewRunspace] = options.UsesNewRunspaces,
            [TravelKeys.Variables] = writer.Table(variables.Select(static variable => (variable.Key, variable.Value))),
            [TravelKeys.OwnVariables] = writer.Table(closure.Scope.Variables.Where(variable => own.Contains(variable.Name))),
            [TravelKeys.Globals] = writer.Table(closure.Global.Variables),
            [TravelKeys.Functions] = writer.Functions(closure.Scope.Functions.Concat(closure.Global.Functions)),
            [TravelKeys.OwnFunctions] = capture.Functions,
            [TravelKeys.Aliases] = TravelWriter.Aliases(closure.Scope.Aliases.Concat(closure.Global.Aliases)),
            [TravelKeys.Preferences] = PreferencesOf(session, writer),
            [TravelKeys.StrictMode] = session.StrictMode,
            [TravelKeys.Culture] = CultureInfo.CurrentCulture.Name,
            [TravelKeys.UICulture] = CultureInfo.CurrentUICulture.Name,
            [TravelKeys.Location] = caller.SessionState.Path.CurrentLocation.Path,
            [TravelKeys.Imports] = closure.Imports.Select(static import => (object)TravelWriter.Import(import)).ToArray(),
            [TravelKeys.Shown] = closure.Shown.Select(static import => import.Path).ToArray(),
        };

        foreach (CapturedModule home in closure.Homes)
        {
            writer.HomeIndex(home);
        }

        // Last: all else may belong to them.
        written[TravelKeys.Homes] = writer.Homes.ToArray();
        return written;
    }

    // What `$using:` names is there as the variable it is, and read there again.
    private static void ReadUsingVariables(ScriptBlock[] blocks, PSCmdlet caller, Dictionary<string, object?> variables)
    {
        Dictionary<string, object?> values = new(StringComparer.Ordinal);
        foreach (ScriptBlock block in blocks)
        {
            UsingValues.Read(block, caller, values);
            foreach (VariablePath path in UsingValues.VariablesOf(block).Where(static path => !path.IsDriveQualified))
            {
                string name = FreeVariableAnalyzer.WithoutScope(FreeVariableAnalyzer.WithoutDrive(path.UserPath));
                if (caller.SessionState.PSVariable.Get(name) is { } variable)
                {
                    variables[name] = variable.Value;
                }
            }
        }
    }

    // Those that are enumerations by their names; an encoding by its own.
    private static Hashtable PreferencesOf(CallerSession session, TravelWriter writer)
    {
        Hashtable table = new(StringComparer.OrdinalIgnoreCase);
        foreach (PSVariable preference in session.Preferences)
        {
            object? value = PSObjectExtensions.Unwrap(preference.Value);
            switch (value)
            {
                case System.Text.Encoding encoding:
                    table[preference.Name] = encoding.WebName;
                    break;
                case System.Management.Automation.Remoting.PSSessionOption:
                    break;
                default:
                    table[preference.Name] = value is Enum ? value.ToString() : writer.Value("$" + preference.Name, value);
                    break;
            }
        }

        return table;
    }
}

/// <summary>How blocks run in another process.</summary>
/// <param name="Awaits">Whether tasks and streams that they write are awaited there.</param>
/// <param name="UsesNewRunspaces">Whether each item gets a new runspace there.</param>
internal readonly record struct RemoteRunOptions(bool Awaits, bool UsesNewRunspaces);
