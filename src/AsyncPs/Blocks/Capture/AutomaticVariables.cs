namespace AsyncPs.Blocks.Capture;

/// <summary>
/// The variables that PowerShell itself sets, in every session or every scope. Each worker has its own, so they are never captured.
/// `$PSScriptRoot` and `$PSCommandPath` come from the file of the block.
/// </summary>
internal static class AutomaticVariables
{
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "_", "PSItem", "?", "^", "$", "args", "input", "true", "false", "null",
        "foreach", "switch", "Error", "LASTEXITCODE", "StackTrace",
        "MyInvocation", "PSBoundParameters", "PSCmdlet", "PSCommandPath", "PSScriptRoot", "PSDebugContext", "NestedPromptLevel",
        "ExecutionContext", "Host", "HOME", "PID", "PWD", "PSHOME", "ShellId", "PSEdition", "PSVersionTable", "PSCulture", "PSUICulture",
        "IsCoreCLR", "IsLinux", "IsMacOS", "IsWindows", "EnabledExperimentalFeatures", "ConsoleFileName",
        "Event", "EventArgs", "EventSubscriber", "Sender", "AsyncContext", "AsyncRequest",
    };

    /// <summary>Whether a variable, named without its scope, is one of them.</summary>
    public static bool Contains(string name) => Names.Contains(name);
}
