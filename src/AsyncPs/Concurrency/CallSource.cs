namespace AsyncPs.Concurrency;

/// <summary>What has opened a call. It keeps nothing of the command alive.</summary>
/// <param name="Command">The name of the command.</param>
/// <param name="File">The script that the command stands in, or null if it stands in none.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Text">The text of that line.</param>
internal sealed record CallSource(string Command, string? File, int Line, string Text)
{
    /// <summary>A name that the call was given, or null.</summary>
    public string? Name { get; init; }

    /// <summary>A command as the source of a call.</summary>
    public static CallSource Of(PSCmdlet command)
    {
        InvocationInfo invocation = command.MyInvocation;
        return new CallSource(
            invocation.MyCommand?.Name ?? command.GetType().Name,
            string.IsNullOrEmpty(invocation.ScriptName) ? null : invocation.ScriptName,
            invocation.ScriptLineNumber,
            (invocation.Line ?? string.Empty).Trim());
    }
}
