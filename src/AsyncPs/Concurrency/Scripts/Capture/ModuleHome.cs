namespace AsyncPs.Concurrency.Scripts.Capture;

/// <summary>A module of the caller that carried code belongs to: it must run in the like of it, to find what is private there.</summary>
internal abstract class ModuleHome
{
    /// <summary>The like of the module in a worker. On the worker's thread, in its pipeline.</summary>
    public abstract PSModuleInfo Open(WorkerScopes scopes);
}
