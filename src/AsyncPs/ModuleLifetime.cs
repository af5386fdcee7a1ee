using System.Management.Automation.Runspaces;
using AsyncPs.Blocks;
using AsyncPs.Concurrency;
using AsyncPs.Workers;
using AsyncPs.Http.Connections;
using AsyncPs.Jobs;
using AsyncPs.Remote;
using AsyncPs.Shutdown;

namespace AsyncPs;

/// <summary>
/// Called by PowerShell when a session imports or removes the module. The session's jobs end with it. The last session to remove it ends
/// the idle workers and closes the idle connections.
/// </summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static readonly ModuleSessions Sessions = new();

    /// <inheritdoc/>
    public void OnImport()
    {
        ContextVariable.Offer();
        if (Sessions.Add(Runspace.DefaultRunspace))
        {
            WorkerPool.Shared.Open();
            SessionEnd.StopCallsBy(LiveCalls.StopAll);
            RemotePool.Shared.Open();

            // In the background, because the session is about to use the module, and opening a worker takes longer than most
            // calls.
            WorkerPool.Shared.Prepare(opened: WarmUp.Begin);
        }
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        ContextVariable.Withdraw();
        ShutdownActions.RunOf(Runspace.DefaultRunspace);

        // A worker may import and remove the module too, but it does not own the jobs.
        if (WorkItem.Current is null)
        {
            JobSession.Find()?.Close(reports: true);
        }

        if (Sessions.Remove(Runspace.DefaultRunspace))
        {
            WorkerPool.Shared.Close();
            RemotePool.Shared.Close();
            HttpConnectionPool.Shared.Clear();
        }
    }
}
