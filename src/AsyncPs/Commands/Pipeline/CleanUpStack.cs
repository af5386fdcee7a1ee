using AsyncPs.Resources;

namespace AsyncPs.Commands.Pipeline;

/// <summary>
/// What is to be done when a block with resources has ended, however it ended: in reverse order, each whatever became of the others, and
/// also while the pipeline is being stopped.
/// </summary>
internal sealed class CleanUpStack
{
    private readonly Stack<CleanUp> _stack = [];

    /// <summary>What has failed, in order.</summary>
    public List<ErrorRecord> Errors { get; } = [];

    /// <summary>Adds a clean-up, to be done before those that are there.</summary>
    /// <param name="resource">What it cleans up.</param>
    /// <param name="kind">What it does after success, or after failure, which is given as the second one if there is one.</param>
    /// <param name="action">Does it. It is given what the block has failed with, or null.</param>
    public void Push(object resource, (CleanUpKind AfterSuccess, CleanUpKind AfterFailure) kind, Action<ErrorRecord?> action)
        => _stack.Push(new CleanUp(resource, kind.AfterSuccess, kind.AfterFailure, action));

    /// <summary>Does all of it. What has failed is in <see cref="Errors"/>.</summary>
    /// <param name="failure">What the block has failed with, or null. A clean-up that fails makes the others see a failure too.</param>
    /// <param name="stopped">Whether the pipeline is being stopped.</param>
    public void Unwind(ErrorRecord? failure, bool stopped)
    {
        while (_stack.TryPop(out CleanUp? cleanUp))
        {
            try
            {
                if (stopped)
                {
                    // No script runs in a pipeline that is being stopped, but in one within.
                    NestedPipeline.Run(_ => cleanUp.Action(failure), receive: null);
                }
                else
                {
                    cleanUp.Action(failure);
                }
            }
            catch (Exception e)
            {
                stopped |= e is PipelineStoppedException;
                ErrorRecord error = ResourceErrors.CleanUpFailed(
                    failure is null ? cleanUp.AfterSuccess : cleanUp.AfterFailure,
                    cleanUp.Resource,
                    e);
                Errors.Add(error);
                failure ??= error;
            }
        }
    }

    private sealed record CleanUp(object Resource, CleanUpKind AfterSuccess, CleanUpKind AfterFailure, Action<ErrorRecord?> Action);
}
