namespace AsyncPs.Concurrency;

/// <summary>The command that opened a call. It keeps nothing of the command alive.</summary>
/// <param name="Command">The name of the command.</param>
/// <param name="File">The script that contains the command, or null.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Text">The text of that line.</param>
internal sealed record CallSource(string Command, string? File, int Line, string Text)
{
    /// <summary>The name that was given to the call, or null.</summary>
    public string? Name { get; init; }

    /// <summary>The source of a call that a command opens.</summary>
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
