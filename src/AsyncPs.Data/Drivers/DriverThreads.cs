namespace AsyncPs.Data.Drivers;

/// <summary>Has a driver's calls made where they may block.</summary>
internal static class DriverThreads
{
    /// <summary>Starts something on the driver's threads if it has some, and here if not.</summary>
    public static ValueTask RunAsync(this IDatabaseDriver driver, Func<ValueTask> work) => driver.Threads is { } threads
        ? new ValueTask(Task.Factory
            .StartNew(() => work().AsTask(), CancellationToken.None, TaskCreationOptions.DenyChildAttach, threads)
            .Unwrap())
        : work();
}
