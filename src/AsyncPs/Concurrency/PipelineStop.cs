namespace AsyncPs.Concurrency;

/// <summary>
/// Stops pipelines. <see cref="PowerShell.BeginStop"/> does so on a separate thread, where an exception ends the process. A callback on a
/// pipeline's stop token may throw, and so does PowerShell 7.6 if the pipeline has just ended normally.
/// </summary>
internal static class PipelineStop
{
    /// <summary>Done before each stop, on its thread: where processors are busy, a stop comes late. For tests.</summary>
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
