namespace AsyncPs.Concurrency;

/// <summary>
/// Runs the items of a call: on a pool of workers for script blocks, on asynchronous loops for everything that is a task.
/// </summary>
internal interface IWorkRunner : IDisposable
{
    /// <summary>Notes that an item was added to the queue.</summary>
    void Added();

    /// <summary>Whether nothing of the call runs, after the queue was closed. The output is woken when it becomes true.</summary>
    bool HasEnded { get; }

    /// <summary>Stops everything that runs. Returns at once.</summary>
    void Stop();

    /// <summary>Stops one canceled item, if it runs. Returns at once.</summary>
    void Stop(WorkItem item);

    /// <summary>How many workers there are, including those that are opening.</summary>
    int Workers => 0;

    /// <summary>How many workers are still opening.</summary>
    int OpeningWorkers => 0;

    /// <summary>Adds the items that run at this moment.</summary>
    void AddRunning(List<RunningItem> running)
    {
    }

    /// <summary>Describes what an item runs, without anything secret; null if that is unknown.</summary>
    string? Describe(WorkItem item) => null;

    /// <summary>Waits until nothing of a stopped call runs; what cannot be stopped is abandoned.</summary>
    void WaitForEnd();
}
