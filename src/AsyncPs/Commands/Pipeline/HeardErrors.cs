namespace AsyncPs.Commands.Pipeline;

/// <summary>
/// Makes a block in the caller's scope end at a `throw` even if the caller's preference silences errors. PowerShell would continue with
/// the next statement, and the failure would go unnoticed. The block's records pass through the cmdlet, which still hides the errors.
/// </summary>
internal sealed class HeardErrors : IDisposable
{
    private const string PreferenceName = "ErrorActionPreference";

    private readonly PSVariable? _preference;
    private readonly object? _silent;

    /// <summary>Changes the preference before the block runs.</summary>
    /// <param name="command">The cmdlet.</param>
    /// <param name="block">The block.</param>
    public HeardErrors(PSCmdlet command, ScriptBlock block)
    {
        if (PreferenceOf(command, block) is not { } preference || !IsSilent(preference.Value))
        {
            return;
        }

        // The cmdlet reads its own preference when it writes its first error, which may be while the caller's is changed.
        EngineInternals.KeepErrorAction(command);
        try
        {
            _silent = preference.Value;
            preference.Value = ActionPreference.Continue;
            _preference = preference;
        }
        catch (SessionStateUnauthorizedAccessException)
        {
            // The variable is a constant of the caller.
        }
    }

    /// <summary>Whether the caller's preference silences the errors of a block.</summary>
    public static bool AreSilenced(PSCmdlet command, ScriptBlock block) => IsSilent(PreferenceOf(command, block)?.Value);

    /// <summary>Restores the preference after the block, unless the block has set it.</summary>
    public void Dispose()
    {
        if (_preference?.Value is ActionPreference.Continue)
        {
            _preference.Value = _silent;
        }
    }

    private static PSVariable? PreferenceOf(PSCmdlet command, ScriptBlock block)
        => (EngineInternals.SessionOfBlock?.Invoke(block) ?? command.SessionState).PSVariable.Get(PreferenceName);

    private static bool IsSilent(object? value)
        => (value is ActionPreference preference || Enum.TryParse(value as string, ignoreCase: true, out preference))
            && preference is ActionPreference.SilentlyContinue or ActionPreference.Ignore;
}
