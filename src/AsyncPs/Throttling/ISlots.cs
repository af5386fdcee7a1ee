namespace AsyncPs.Throttling;

/// <summary>So many at once: a semaphore that serves in the order of asking.</summary>
internal interface ISlots : IDisposable
{
    /// <summary>How many are free.</summary>
    int Available { get; }

    /// <summary>How many are being waited for.</summary>
    int Waiting { get; }

    /// <summary>Takes a slot if one is free and nobody waits for it.</summary>
    /// <returns>What gives the slot back when it is disposed, once however often that is; null if there is none.</returns>
    IDisposable? TryAcquire();

    /// <summary>Takes a slot, after all who asked before. Completes synchronously if one is free.</summary>
    /// <returns>What gives the slot back when it is disposed, once however often that is.</returns>
    /// <exception cref="ObjectDisposedException">The slots were disposed, before or meanwhile.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; no slot is lost.</exception>
    ValueTask<IDisposable> AcquireAsync(CancellationToken cancellationToken);
}
