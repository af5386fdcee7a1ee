using System.Runtime.CompilerServices;

namespace AsyncPs.Commands.Base;

/// <summary>
/// Suspends a cmdlet, and the block that calls it, until a task has ended in any way. Does nothing if the block cannot suspend. Await it
/// in a <see cref="CommandStep"/>.
/// </summary>
/// <param name="command">The cmdlet.</param>
/// <param name="task">The task.</param>
internal readonly struct CommandSuspension(AsyncCommand command, Task task) : ICriticalNotifyCompletion
{
    /// <summary>Whether there is nothing to wait for, or other code waits for it.</summary>
    public bool IsCompleted => task.IsCompleted || !command.CanSuspend;

    /// <summary>For `await`.</summary>
    public CommandSuspension GetAwaiter() => this;

    /// <summary>For `await`.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "The compiler calls it on the instance.")]
    public void GetResult()
    {
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => command.SuspendUntil(task, continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => command.SuspendUntil(task, continuation);
}
