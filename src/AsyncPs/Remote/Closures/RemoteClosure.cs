using System.Collections;
using System.Globalization;
using AsyncPs.Blocks;
using AsyncPs.Blocks.Capture;

namespace AsyncPs.Remote.Closures;

/// <summary>
/// Everything that the blocks of a call need of the caller's session, in a form that can be sent to another process. There it recreates
/// the part of the session that the blocks name, and the same engine captures it for the worker that runs them.
/// </summary>
internal static class RemoteClosure
{
    /// <summary>Reads the caller's session. On the caller's thread, before anything starts.</summary>
    /// <param name="blocks">The blocks of the items.</param>
    /// <param name="arguments">The arguments of each, or null.</param>
    /// <param name="capture">What they capture of the caller's session.</param>
    /// <param name="scripts">The other blocks of the call.</param>
    /// <param name="options">How the blocks run there.</param>
    /// <param name="caller">The cmdlet that was given the blocks.</param>
    /// <exception cref="ConcurrentArgumentException">Something cannot exist there, or a name is wrong.</exception>
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
            [TravelKeys.Shown] = closure.Shown.Select(static import => (object)TravelWriter.Import(import)).ToArray(),
        };

        foreach (CapturedModule home in closure.Homes)
        {
            writer.HomeIndex(home);
        }

        if (options.CopiesModules)
        {
            written[TravelKeys.Copies] = closure.Imports
                .Concat(closure.Shown)
                .Concat(closure.Homes.OfType<FileModule>().Select(static home => home.Import))
                .Where(static import => !import.IsBuiltIn)
                .DistinctBy(static import => import.Path)
                .Select(static import => (object)ModuleCopy.Write(import))
                .ToArray();
        }

        // Last, because everything else may belong to them.
        written[TravelKeys.Homes] = writer.Homes.ToArray();
        written[TravelKeys.OpensLong] = closure.Imports.Any() || closure.Shown.Any() || writer.Homes.Count > 0;
        RemoveEmpty(written);
        return written;
    }

    // Missing entries count as null, false or empty on the other side. Each entry costs time on both sides.
    private static void RemoveEmpty(Hashtable written)
    {
        foreach (object key in written.Keys.Cast<object>().ToArray())
        {
            if (written[key] is null or false or ICollection { Count: 0 })
            {
                written.Remove(key);
            }
        }
    }

    // A variable that `$using:` names is recreated as a variable, and read again there.
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

    // Preferences that are enumerations are written by name, and an encoding by its own name.
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
/// <param name="CopiesModules">Whether modules from files are sent along.</param>
internal readonly record struct RemoteRunOptions(bool Awaits, bool UsesNewRunspaces, bool CopiesModules);
