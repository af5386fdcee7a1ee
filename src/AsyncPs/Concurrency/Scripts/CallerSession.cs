namespace AsyncPs.Concurrency.Scripts;

/// <summary>What a worker takes over from the session of the caller: the current location and the preference variables.</summary>
internal sealed class CallerSession
{
    private static readonly string[] PreferenceNames =
    [
        "ErrorActionPreference", "WarningPreference", "VerbosePreference", "DebugPreference", "InformationPreference",
        "ProgressPreference", "ConfirmPreference", "WhatIfPreference", "ErrorView", "OFS", "OutputEncoding",
        "PSDefaultParameterValues", "PSNativeCommandUseErrorActionPreference", "PSNativeCommandArgumentPassing",
    ];

    // Newer than PowerShell Standard.
    private const ActionPreference BreakPreference = (ActionPreference)6;

    private static readonly HashSet<string> PreferenceSet = new(PreferenceNames, StringComparer.OrdinalIgnoreCase);

    private readonly string _location;
    private readonly List<PSVariable> _preferences = [];

    /// <summary>Reads the caller's session.</summary>
    /// <param name="caller">The cmdlet the caller runs; its common parameters win over the caller's variables.</param>
    public CallerSession(PSCmdlet caller)
    {
        _location = caller.SessionState.Path.CurrentLocation.Path;
        foreach (string name in PreferenceNames)
        {
            if (caller.SessionState.PSVariable.Get(name) is { } variable)
            {
                _preferences.Add(new PSVariable(name, InWorkers(name, variable.Value)));
            }
        }

        Override(caller, "Verbose", "VerbosePreference");
        Override(caller, "Debug", "DebugPreference");
        Override(caller, "WarningAction", "WarningPreference");
        Override(caller, "InformationAction", "InformationPreference");
        Override(caller, "ProgressAction", "ProgressPreference");
    }

    /// <summary>Whether a variable is a preference variable, which workers take over in any case.</summary>
    public static bool IsPreference(string name) => PreferenceSet.Contains(name);

    /// <summary>Sets a worker's session up, in the scope of its pipeline.</summary>
    public void Apply(PSCmdlet command)
    {
        PathIntrinsics path = command.SessionState.Path;
        if (path.CurrentLocation.Path != _location)
        {
            try
            {
                path.SetLocation(WildcardPattern.Escape(_location));
            }
            catch (Exception e) when (e is System.Management.Automation.DriveNotFoundException or ItemNotFoundException or ProviderNotFoundException)
            {
                // The caller is on a drive of its own that workers do not have; the last call may have been anywhere.
                path.SetLocation(WildcardPattern.Escape(Directory.GetCurrentDirectory()));
            }
        }

        PSVariableIntrinsics variables = command.SessionState.PSVariable;
        foreach (PSVariable preference in _preferences)
        {
            variables.Set(preference.Name, preference.Value);
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

    // A worker makes every error and warning, and the pipeline thread decides what becomes of it: the caller's preference hides it there, but
    // -ErrorVariable, $Error and -WarningVariable get it; only there can a prompt be answered. In a worker SilentlyContinue would have a
    // `throw` pass unnoticed. Stop makes an error end the item, as it would end the script.
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
