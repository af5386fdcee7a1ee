namespace AsyncPs.Messaging;

/// <summary>Called by PowerShell when a session imports or removes the module. The last session to remove it closes the queues.</summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static int _sessions;

    /// <inheritdoc/>
    public void OnImport() => Interlocked.Increment(ref _sessions);

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        if (Interlocked.Decrement(ref _sessions) == 0)
        {
            OpenQueues.Close();
        }
    }
}
