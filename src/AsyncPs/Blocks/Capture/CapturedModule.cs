namespace AsyncPs.Blocks.Capture;

/// <summary>
/// A module of the caller that captured code belongs to. The code runs in the worker's counterpart, to find what is private.
/// </summary>
/// <param name="session">The module's session state, as its code sees it.</param>
internal abstract class CapturedModule(SessionView session)
{
    /// <summary>The caller's module.</summary>
    public SessionView Session { get; } = session;

    /// <summary>The worker's counterpart of the module. On the worker's thread, in its pipeline.</summary>
    public abstract PSModuleInfo Open(WorkerScopes scopes);

    /// <summary>Gives the worker's counterpart the state of the caller's module.</summary>
    public abstract void Fill(PSModuleInfo module, WorkerScopes scopes);
}
