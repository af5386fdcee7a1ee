namespace AsyncPs.Concurrency;

/// <summary>What runs the items of a call: a team of workers for script blocks, asynchronous loops for everything that is a task.</summary>
internal interface IWorkRunner : IDisposable
{
    /// <summary>An item was added to the queue.</summary>
    void Added();

    /// <summary>Whether nothing of the call runs any more, after the queue was closed. The output is woken when it becomes true.</summary>
    bool HasEnded { get; }

    /// <summary>Stops what runs, wherever it is. Returns at once.</summary>
    void Stop();

    /// <summary>Stops one item that was cancelled, if it runs. Returns at once.</summary>
    void Stop(WorkItem item);

    /// <summary>Waits until nothing of a stopped call runs any more; what cannot be stopped is abandoned.</summary>
    void WaitForEnd();
}
