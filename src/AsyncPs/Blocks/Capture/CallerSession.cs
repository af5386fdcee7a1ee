using System.Collections;

namespace AsyncPs.Blocks.Capture;

/// <summary>What a worker takes over from the caller's session in any case: preference variables and strict mode.</summary>
internal sealed class CallerSession
{
    private static readonly string[] PreferenceNames =
    [
        "ErrorActionPreference", "WarningPreference", "VerbosePreference", "DebugPreference", "InformationPreference",
        "ProgressPreference", "ConfirmPreference", "WhatIfPreference", "ErrorView", "OFS", "OutputEncoding",
        "PSDefaultParameterValues", "PSNativeCommandUseErrorActionPreference", "PSNativeCommandArgumentPassing",
        "FormatEnumerationLimit", "PSModuleAutoLoadingPreference", "PSEmailServer", "PSSessionOption", "PSSessionApplicationName",
        "PSSessionConfigurationName",
    ];

    // These variables change how commands work. While a session is prepared, they have the values of a new session.
    private static readonly (string Name, object? Value)[] Neutral =
    [
        ("WhatIfPreference", false), ("ConfirmPreference", ConfirmImpact.High), ("ErrorActionPreference", ActionPreference.Continue),
        ("PSDefaultParameterValues", null), ("VerbosePreference", ActionPreference.SilentlyContinue),
        ("DebugPreference", ActionPreference.SilentlyContinue),
    ];

    // PowerShell Standard does not have it yet.
    private const ActionPreference BreakPreference = (ActionPreference)6;

    private static readonly HashSet<string> PreferenceSet = new(PreferenceNames, StringComparer.OrdinalIgnoreCase);

    private readonly List<PSVariable> _preferences = [];
    private readonly List<PSVariable> _globalPreferences = [];
    private readonly Version? _strictMode;

    /// <summary>Reads the caller's session.</summary>
    /// <param name="caller">The cmdlet the caller runs; its common parameters win over the caller's variables.</param>
    public CallerSession(PSCmdlet caller)
    {
        SessionState session = caller.SessionState;
        IDictionary<string, PSVariable>? globals = EngineInternals.Scopes is { } scopes ? scopes.Variables(scopes.Global(session)) : null;
        foreach (string name in PreferenceNames)
        {
            if (session.PSVariable.Get(name) is { } variable)
            {
                _preferences.Add(new PSVariable(name, InWorkers(name, AtThisMoment(variable.Value))));
            }

            if (globals?.TryGetValue(name, out PSVariable? global) == true)
            {
                _globalPreferences.Add(new PSVariable(name, InWorkers(name, AtThisMoment(global.Value))));
            }
        }

        Override(caller, "Verbose", "VerbosePreference");
        Override(caller, "Debug", "DebugPreference");
        Override(caller, "WarningAction", "WarningPreference");
        Override(caller, "InformationAction", "InformationPreference");
        Override(caller, "ProgressAction", "ProgressPreference");
        _strictMode = EngineInternals.Scopes?.StrictMode(session);
        object? warnings = caller.MyInvocation.BoundParameters.GetValueOrDefault("WarningAction")
            ?? session.PSVariable.GetValue("WarningPreference");
        ShowsWarnings = !(Enum.TryParse(warnings?.ToString(), ignoreCase: true, out ActionPreference preference)
            && preference is ActionPreference.SilentlyContinue or ActionPreference.Ignore);
    }

    /// <summary>Whether the caller wants to see warnings.</summary>
    public bool ShowsWarnings { get; }

    /// <summary>The caller's preferences, as workers have them.</summary>
    public IReadOnlyList<PSVariable> Preferences => _preferences;

    /// <summary>The caller's strict mode, or null.</summary>
    public Version? StrictMode => _strictMode;

    /// <summary>Whether a variable is a preference variable, which workers take over in any case.</summary>
    public static bool IsPreference(string name) => PreferenceSet.Contains(name);

    /// <summary>Shields the preparation of a worker from any preferences, in the scope of its pipeline.</summary>
    public static void Prepare(PSCmdlet command)
    {
        foreach ((string name, object? value) in Neutral)
        {
            command.SessionState.PSVariable.Set("local:" + name, value);
        }
    }

    /// <summary>
    /// Sets the caller's preferences and strict mode in a worker. This is the last step, because they are for the blocks.
    /// </summary>
    public void Apply(PSCmdlet command)
    {
        PSVariableIntrinsics variables = command.SessionState.PSVariable;
        foreach (PSVariable preference in _preferences)
        {
            variables.Set("local:" + preference.Name, ForOneWorker(preference.Value));
        }

        if (EngineInternals.Scopes is not { } scopes)
        {
            return;
        }

        // Functions of modules see only these.
        IDictionary<string, PSVariable> globals = scopes.Variables(scopes.Global(command.SessionState));
        foreach (PSVariable preference in _globalPreferences)
        {
            if (!globals.TryGetValue(preference.Name, out PSVariable? own))
            {
                variables.Set("global:" + preference.Name, ForOneWorker(preference.Value));
            }
            else if (!Equals(own.Value, preference.Value))
            {
                own.Value = ForOneWorker(preference.Value);
            }
        }

        if (_strictMode is not null)
        {
            scopes.SetStrictMode(command.SessionState, _strictMode);
        }
    }

    private void Override(PSCmdlet caller, string parameter, string preference)
    {
        if (!caller.MyInvocation.BoundParameters.TryGetValue(parameter, out object? bound))
        {
            return;
        }

        object value = bound is SwitchParameter on ? (on ? ActionPreference.Continue : ActionPreference.SilentlyContinue) : bound;
        _preferences.RemoveAll(p => p.Name == preference);
        _preferences.Add(new PSVariable(preference, InWorkers(preference, value)));
    }

    // The caller may change default values while the call runs. Then some workers would have other values than the rest.
    private static object? AtThisMoment(object? value)
        => PSObjectExtensions.Unwrap(value) is IDictionary defaults ? new Hashtable(defaults) : value;

    // A block that changes a default value changes it for itself, and computed default values are computed in the worker.
    private static object? ForOneWorker(object? value)
    {
        if (PSObjectExtensions.Unwrap(value) is not IDictionary defaults)
        {
            return value;
        }

        DefaultParameterDictionary own = new();
        foreach (DictionaryEntry entry in defaults)
        {
            own[entry.Key] = PSObjectExtensions.Unwrap(entry.Value) is ScriptBlock block ? UnboundBlocks.Get(block) : entry.Value;
        }

        return own;
    }

    // A worker writes every error and warning, and the pipeline thread applies the caller's preference. The thread may hide the record,
    // but -ErrorVariable, $Error and -WarningVariable get it, and only there can a prompt be answered. In a worker, SilentlyContinue would
    // let a `throw` pass unnoticed. Stop makes an error end the item, as it would end the script.
    private static object? InWorkers(string name, object? value)
    {
        if (!name.EndsWith("Preference", StringComparison.Ordinal)
            || !(value is ActionPreference preference || Enum.TryParse(value as string, ignoreCase: true, out preference)))
        {
            return value;
        }

        bool continues = (name, preference) switch
        {
            ("ErrorActionPreference", not ActionPreference.Stop) => true,
            ("ErrorActionPreference", _) => false,
            ("WarningPreference", ActionPreference.SilentlyContinue) => true,
            _ => preference is ActionPreference.Stop or ActionPreference.Inquire or BreakPreference,
        };
        return continues ? ActionPreference.Continue : value;
    }
}
