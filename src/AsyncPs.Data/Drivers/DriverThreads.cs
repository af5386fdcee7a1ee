namespace AsyncPs.Data.Drivers;

/// <summary>Runs a driver's calls where they may block.</summary>
internal static class DriverThreads
{
    /// <summary>Runs work on the driver's threads if there are any, otherwise on this one.</summary>
    public static ValueTask RunAsync(this IDatabaseDriver driver, Func<ValueTask> work) => driver.Threads is { } threads
        ? new ValueTask(Task.Factory
            .StartNew(() => work().AsTask(), CancellationToken.None, TaskCreationOptions.DenyChildAttach, threads)
            .Unwrap())
        : work();
}
