namespace AsyncPs.Blocks.Capture;

/// <summary>A module of the caller that carried code belongs to: it must run in the like of it, to find what is private there.</summary>
/// <param name="session">The module's session state, as its code sees it.</param>
internal abstract class CapturedModule(SessionView session)
{
    /// <summary>The caller's module.</summary>
    public SessionView Session { get; } = session;

    /// <summary>The like of the module in a worker. On the worker's thread, in its pipeline.</summary>
    public abstract PSModuleInfo Open(WorkerScopes scopes);

    /// <summary>Brings the like of the module into the state of the caller's.</summary>
    public abstract void Fill(PSModuleInfo module, WorkerScopes scopes);
}
