namespace AsyncPs.Concurrency;

/// <summary>
/// The block of an item that waits in its middle, and goes on in the worker that it began in. Disposed if it never goes on.
/// </summary>
internal interface IPausedBlock : IDisposable
{
    /// <summary>Whether some of the block is to run when it is ended.</summary>
    bool HasCleanUp { get; }

    /// <summary>Has something called, on any thread, when the block can go on; perhaps several times, or in vain.</summary>
    void WhenReady(Action wake);

    /// <summary>Whether the block is to end when it goes on.</summary>
    bool IsStopped { get; }

    /// <summary>Has the block end when it goes on, as one that was stopped. Any thread.</summary>
    void Stop();
}
