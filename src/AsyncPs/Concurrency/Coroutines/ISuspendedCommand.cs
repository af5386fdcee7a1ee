namespace AsyncPs.Concurrency.Coroutines;

/// <summary>
/// A command that was called at an await point and waits in its middle. Its pipeline has ended. When the block continues, the command is
/// called again, and the new one continues the old one.
/// </summary>
internal interface ISuspendedCommand
{
    /// <summary>What it waits for.</summary>
    Task Awaited { get; }

    /// <summary>
    /// Ends a command that will not be called again: cancels its wait, and lets it clean up. Any thread; blocks for at most a grace period.
    /// </summary>
    void Abort();
}
