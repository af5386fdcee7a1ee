namespace AsyncPs.Concurrency;

/// <summary>
/// Stops pipelines. <see cref="PowerShell.BeginStop"/> does so on a separate thread, where an exception ends the process. A callback on a
/// pipeline's stop token may throw, and so does PowerShell 7.6 if the pipeline has just ended normally.
/// </summary>
internal static class PipelineStop
{
    /// <summary>Called before each stop, on its thread, so that tests can delay a stop as busy processors do.</summary>
    public static Action? Delay { get; set; }

    /// <summary>Stops what a shell runs. Returns at once.</summary>
    public static void Begin(PowerShell shell) => Guarded.Start(
        "AsyncPs stop",
        () =>
        {
            Delay?.Invoke();
            shell.Stop();
        },
        failed: static _ => { });
}
