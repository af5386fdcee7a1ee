using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace AsyncPs.Help;

/// <summary>The exports of the built module as the engine sees them: parameters, their types and aliases, parameter sets.</summary>
internal static class ModuleCmdlets
{
    private const string ModulePath = "PSModulePath";

    /// <summary>Imports the module and returns its cmdlets in alphabetical order.</summary>
    public static IReadOnlyList<CmdletInfo> Read(string manifest)
    {
        // A module finds the modules it requires beside itself, as among installed ones.
        string folder = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(manifest)))!;
        Environment.SetEnvironmentVariable(ModulePath, folder + Path.PathSeparator + Environment.GetEnvironmentVariable(ModulePath));
        using Runspace runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        using PowerShell shell = PowerShell.Create(runspace);
        shell.AddCommand("Import-Module").AddParameter("Name", manifest).AddParameter("ErrorAction", ActionPreference.Stop).Invoke();
        shell.Commands.Clear();
        string module = Path.GetFileNameWithoutExtension(manifest);
        IEnumerable<CmdletInfo> cmdlets = shell
            .AddCommand("Get-Command")
            .AddParameter("Module", module)
            .AddParameter("CommandType", CommandTypes.Cmdlet)
            .Invoke<CmdletInfo>();

        // While the session is open, because parameters are looked up on first use.
        return [.. cmdlets.OrderBy(static c => c.Name, StringComparer.Ordinal).Where(static c => c.ParameterSets.Count > 0)];
    }
}
