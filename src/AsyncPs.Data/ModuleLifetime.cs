using System.Management.Automation.Runspaces;

namespace AsyncPs.Data;

/// <summary>
/// Called by PowerShell when a session imports or removes the module. The last session to remove it closes the databases.
/// </summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static readonly ModuleSessions Sessions = new();

    /// <inheritdoc/>
    public void OnImport() => Sessions.Add(Runspace.DefaultRunspace);

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        if (Sessions.Remove(Runspace.DefaultRunspace))
        {
            OpenDatabases.Close();
        }
    }
}
