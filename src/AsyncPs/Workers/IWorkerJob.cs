using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>What the workers of a team do with the items of a call.</summary>
internal interface IWorkerJob
{
    /// <summary>Whether a worker's preparation for the items is worth keeping while there are none.</summary>
    bool KeepsWorkers { get; }

    /// <summary>Whether an item may start in a worker that has suspended items, which can resume only there.</summary>
    bool MayShare { get; }

    /// <summary>Whether the first worker does something that others wait for before they take an item.</summary>
    bool IsBeingPrepared { get; }

    /// <summary>Prepares a worker's session for the items. Once per pipeline, on the worker's thread.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="command">The command of the worker's pipeline, which gives access to its session.</param>
    IWorkerScope Enter(Worker worker, PSCmdlet command);

    /// <summary>Describes an item; null if there is nothing to say.</summary>
    string? Describe(WorkItem item) => null;

    /// <summary>Whether leaving a session runs a block that the call waits for.</summary>
    bool HasWorkOnLeaving { get; }
}

/// <summary>A worker's session that is ready for the items of a call.</summary>
internal interface IWorkerScope
{
    /// <summary>
    /// Runs or resumes one item. It may suspend, see <see cref="WorkItem.Paused"/>. On the worker's thread.
    /// </summary>
    /// <exception cref="PipelineStoppedException">The worker was stopped.</exception>
    void Run(WorkItem item);

    /// <summary>Leaves the session, because the call has no more items for the worker.</summary>
    void Leave();
}
