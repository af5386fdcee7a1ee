using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>What a team's workers do with the items of a call.</summary>
internal interface IWorkerJob
{
    /// <summary>Whether a worker is prepared for the items in a way that is worth keeping while there are none.</summary>
    bool KeepsWorkers { get; }

    /// <summary>Whether an item may begin in a worker in which others wait in their middle: those go on only there.</summary>
    bool MayShare { get; }

    /// <summary>Brings a worker's session into the state that the items need. Once a pipeline, on the worker's thread.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="command">The command of the worker's pipeline, through which its session is reached.</param>
    IWorkerScope Enter(Worker worker, PSCmdlet command);

    /// <summary>What an item is, in words; null if there is nothing to say.</summary>
    string? Describe(WorkItem item) => null;

    /// <summary>Whether leaving a worker's session is work that the call waits for.</summary>
    bool HasWorkOnLeaving { get; }
}

/// <summary>A worker's session, ready for the items of a call.</summary>
internal interface IWorkerScope
{
    /// <summary>
    /// Runs one item, or has one go on; it may wait in its middle, see <see cref="WorkItem.Paused"/>. On the worker's thread.
    /// </summary>
    /// <exception cref="PipelineStoppedException">The worker was told to stop.</exception>
    void Run(WorkItem item);

    /// <summary>The call has no more items for the worker.</summary>
    void Leave();
}
