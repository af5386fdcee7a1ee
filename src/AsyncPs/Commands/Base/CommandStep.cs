using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace AsyncPs.Commands.Base;

/// <summary>
/// The result of a cmdlet's method that can wait in its middle. Unlike a task, it never leaves the pipeline thread: it runs like any
/// method until it awaits a <see cref="CommandSuspension"/> in a block that can suspend, and continues when the cmdlet is told to. An
/// exception before that reaches the caller directly, and changes to the thread's context stay.
/// </summary>
[AsyncMethodBuilder(typeof(CommandStepBuilder))]
internal readonly struct CommandStep(CommandStepPromise<bool>? promise)
{
    /// <summary>Whether it has ended.</summary>
    public bool IsCompleted => promise is not { IsCompleted: false };

    /// <summary>For `await`.</summary>
    public CommandStepAwaiter<bool> GetAwaiter() => new(promise, result: true);

    /// <summary>Throws its exception, if it has failed. It must have ended.</summary>
    public void ThrowFailure() => promise?.GetResult();
}

/// <summary>A <see cref="CommandStep"/> with a result.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
[AsyncMethodBuilder(typeof(CommandStepBuilder<>))]
[SuppressMessage("StyleCop.CSharp.MaintainabilityRules", "SA1402", Justification = "The same with a result.")]
internal readonly struct CommandStep<T>(CommandStepPromise<T>? promise, T result)
{
    /// <summary>For `await`.</summary>
    public CommandStepAwaiter<T> GetAwaiter() => new(promise, result);
}

/// <summary>Waits for a step within another one.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
internal readonly struct CommandStepAwaiter<T>(CommandStepPromise<T>? promise, T result) : ICriticalNotifyCompletion
{
    /// <summary>Whether the step has ended.</summary>
    public bool IsCompleted => promise is not { IsCompleted: false };

    /// <summary>The result.</summary>
    public T GetResult() => promise is null ? result : promise.GetResult();

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => promise!.Continuation = continuation;

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => promise!.Continuation = continuation;
}

/// <summary>The state of a step that has suspended.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
internal sealed class CommandStepPromise<T>
{
    private T _result = default!;
    private ExceptionDispatchInfo? _failure;

    /// <summary>The code that continues when the step has ended.</summary>
    public Action? Continuation { get; set; }

    /// <summary>Runs the step from its current position.</summary>
    public Action? MoveNext { get; set; }

    /// <summary>Whether the step has ended.</summary>
    public bool IsCompleted { get; private set; }

    /// <summary>The result. Throws the exception of a failed step.</summary>
    public T GetResult()
    {
        _failure?.Throw();
        return _result;
    }

    /// <summary>The step has ended.</summary>
    public void SetResult(T result)
    {
        _result = result;
        End();
    }

    /// <summary>The step has failed.</summary>
    public void SetException(Exception exception)
    {
        _failure = ExceptionDispatchInfo.Capture(exception);
        End();
    }

    private void End()
    {
        IsCompleted = true;
        Continuation?.Invoke();
    }
}
