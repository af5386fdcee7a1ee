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

    /// <summary>Stops one item that was canceled, if it runs. Returns at once.</summary>
    void Stop(WorkItem item);

    /// <summary>How many workers there are, those that open included.</summary>
    int Workers => 0;

    /// <summary>How many of them do not take items yet.</summary>
    int OpeningWorkers => 0;

    /// <summary>Adds the items that somebody runs at this moment.</summary>
    void AddRunning(List<RunningItem> running)
    {
    }

    /// <summary>What an item runs, in words, without anything secret; null if nobody can say.</summary>
    string? Describe(WorkItem item) => null;

    /// <summary>Waits until nothing of a stopped call runs any more; what cannot be stopped is abandoned.</summary>
    void WaitForEnd();
}
