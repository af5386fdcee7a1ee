namespace AsyncPs.Commands.Pipeline;

/// <summary>
/// Has a block that runs in the caller's scope end at a `throw` where the caller's preference silences errors: there PowerShell would go on
/// with the next statement, and nobody would know of the failure. What the block writes has to pass the cmdlet, which still hides the
/// errors.
/// </summary>
internal sealed class HeardErrors : IDisposable
{
    private const string PreferenceName = "ErrorActionPreference";

    private readonly PSVariable? _preference;
    private readonly object? _silent;

    /// <summary>Begins, before the block runs.</summary>
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
            // It is a constant of the caller.
        }
    }

    /// <summary>Whether the caller's preference silences the errors of a block.</summary>
    public static bool AreSilenced(PSCmdlet command, ScriptBlock block) => IsSilent(PreferenceOf(command, block)?.Value);

    /// <summary>The block has ended: the preference is what it was, unless the block has set it.</summary>
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
