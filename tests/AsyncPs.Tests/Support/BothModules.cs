using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace AsyncPs.Tests.Support;

/// <summary>A session with all modules, for tests of their metadata rather than their behavior.</summary>
public static class BothModules
{
    public static Runspace OpenRunspace()
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([BuiltModule.Manifest, BuiltModule.DataManifest, BuiltModule.MessagingManifest, BuiltModule.WebManifest]);
        Runspace runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        return runspace;
    }

    /// <summary>The cmdlets that a module exports.</summary>
    public static CmdletInfo[] Cmdlets(Runspace runspace, string module)
    {
        using PowerShell shell = PowerShell.Create(runspace);
        CmdletInfo[] cmdlets =
        [
            .. shell.AddCommand("Get-Command").AddParameter("Module", module).AddParameter("CommandType", "Cmdlet").Invoke<CmdletInfo>(),
        ];

        // While the session is open: parameters are looked up on first use.
        return [.. cmdlets.Where(static cmdlet => cmdlet.Parameters.Count > 0)];
    }
}
