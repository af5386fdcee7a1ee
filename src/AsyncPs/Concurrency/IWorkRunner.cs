namespace AsyncPs.Concurrency;

/// <summary>What runs the items of a call: a team of workers for script blocks, asynchronous loops for everything that is a task.</summary>
internal interface IWorkRunner : IDisposable
{
    /// <summary>An item was added to the queue. Pipeline thread only.</summary>
    void Added();

    /// <summary>Stops what runs, wherever it is. Returns at once.</summary>
    void Stop();

    /// <summary>Waits until nothing of the call runs any more.</summary>
    /// <returns>False when something could not be ended in time and was abandoned.</returns>
    bool WaitForEnd(TimeSpan grace);
}
