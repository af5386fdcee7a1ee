namespace AsyncPs.Concurrency.Coroutines;

/// <summary>
/// A command that was called at an await point and waits in its middle. Its pipeline has ended; when the block goes on, the command is
/// called
/// once more, and the new one has the old one go on.
/// </summary>
internal interface ISuspendedCommand
{
    /// <summary>What it waits for.</summary>
    Task Awaited { get; }

    /// <summary>It will not be called again: cancels what it waits for, and has it clean up. Any thread; blocks it for a grace period at
    /// the
    /// most.</summary>
    void Abort();
}
