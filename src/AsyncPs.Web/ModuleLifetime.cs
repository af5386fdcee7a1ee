using System.Management.Automation.Runspaces;
using AsyncPs.Concurrency;
using AsyncPs.Web.Serving;

namespace AsyncPs.Web;

/// <summary>Called by PowerShell when a session imports or removes the module. The session's servers end with it.</summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnImport()
    {
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        // A worker may import and remove the module too, but it does not own the servers.
        if (WorkItem.Current is null && Runspace.DefaultRunspace is { } session)
        {
            RunningServers.Stop(session);
        }
    }
}
