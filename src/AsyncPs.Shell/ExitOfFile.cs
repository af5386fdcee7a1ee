using System.Management.Automation.Runspaces;
using System.Reflection;

namespace AsyncPs.Shell;

/// <summary>
/// Makes <c>exit n</c> in a script file reach the host, as it does in <c>pwsh -File</c>. Otherwise the engine only leaves n in
/// <c>$LASTEXITCODE</c>, where it cannot be told from the exit code of a program that the script ran. The engine keeps this switch
/// to itself, and its own console host is the only one that may set it: hence reflection, and a test that notices its loss.
/// </summary>
internal static class ExitOfFile
{
    private const BindingFlags Internal = BindingFlags.Instance | BindingFlags.NonPublic;

    /// <summary>Applies to the next script file that the runspace runs.</summary>
    internal static void ReachesHost(Runspace runspace)
    {
        object? context = typeof(Runspace).GetProperty("ExecutionContext", Internal)?.GetValue(runspace);
        PropertyInfo rethrows = context?.GetType().GetProperty("ScriptCommandProcessorShouldRethrowExit", Internal)
            ?? throw new MissingMemberException("This version of the PowerShell engine does not let a host see 'exit' in a script file.");
        rethrows.SetValue(context, true);
    }
}
