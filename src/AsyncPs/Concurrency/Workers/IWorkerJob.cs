namespace AsyncPs.Concurrency.Workers;

/// <summary>What a team's workers do with the items of a call.</summary>
internal interface IWorkerJob
{
    /// <summary>Brings a worker's session into the state that the items need. Once a pipeline, on the worker's thread.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="command">The command of the worker's pipeline, through which its session is reached.</param>
    void Prepare(Worker worker, PSCmdlet command);

    /// <summary>Runs one item to its end, on the worker's thread.</summary>
    /// <param name="command">The command of the worker's pipeline.</param>
    /// <param name="item">The item.</param>
    /// <exception cref="PipelineStoppedException">The worker was told to stop.</exception>
    void Run(PSCmdlet command, WorkItem item);
}
