using AsyncPs.Resources;

namespace AsyncPs.Commands.Pipeline;

/// <summary>
/// The clean-ups that run when a block with resources has ended, however it ended: in reverse order, each regardless of the others, and
/// also while the pipeline is being stopped.
/// </summary>
internal sealed class CleanUpStack
{
    private readonly Stack<CleanUp> _stack = [];

    /// <summary>The errors of the clean-ups, in order.</summary>
    public List<ErrorRecord> Errors { get; } = [];

    /// <summary>Adds a clean-up, which runs before the earlier ones.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="kind">What the clean-up does after success and after failure.</param>
    /// <param name="action">Does it, given the error of the block, or null.</param>
    public void Push(object resource, (CleanUpKind AfterSuccess, CleanUpKind AfterFailure) kind, Action<ErrorRecord?> action)
        => _stack.Push(new CleanUp(resource, kind.AfterSuccess, kind.AfterFailure, action));

    /// <summary>Runs all clean-ups and adds their errors to <see cref="Errors"/>.</summary>
    /// <param name="failure">The error of the block, or null. A clean-up that fails makes the others see a failure too.</param>
    /// <param name="stopped">Whether the pipeline is being stopped.</param>
    public void Unwind(ErrorRecord? failure, bool stopped)
    {
        while (_stack.TryPop(out CleanUp? cleanUp))
        {
            try
            {
                if (stopped)
                {
                    // No script runs in a pipeline that is being stopped, except in a nested one.
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
