using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace AsyncPs.Commands.Base;

/// <summary>The builder with which the C# compiler makes a <see cref="CommandStep"/>.</summary>
[SuppressMessage("Performance", "CA1822", Justification = "The compiler calls them on the instance.")]
internal struct CommandStepBuilder
{
    private CommandStepBuilder<bool> _builder;

    /// <summary>The step.</summary>
    public readonly CommandStep Task => new(_builder.Promise);

    /// <summary>Makes one.</summary>
    public static CommandStepBuilder Create() => default;

    /// <summary>Runs the method.</summary>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
        => stateMachine.MoveNext();

    /// <summary>Needed by the compiler.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    /// <summary>The method has ended.</summary>
    public void SetResult() => _builder.SetResult(true);

    /// <summary>The method has failed.</summary>
    public readonly void SetException(Exception exception) => _builder.SetException(exception);

    /// <summary>The method waits.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine
        => awaiter.OnCompleted(_builder.Suspend(ref stateMachine));

    /// <summary>The method waits.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine
        => awaiter.UnsafeOnCompleted(_builder.Suspend(ref stateMachine));
}

/// <summary>The builder with which the C# compiler makes a <see cref="CommandStep{T}"/>.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
[SuppressMessage("StyleCop.CSharp.MaintainabilityRules", "SA1402", Justification = "The same with a result.")]
[SuppressMessage("Performance", "CA1822", Justification = "The compiler calls them on the instance.")]
internal struct CommandStepBuilder<T>
{
    private T _result;

    /// <summary>The state of the step, once it has suspended.</summary>
    public CommandStepPromise<T>? Promise { get; private set; }

    /// <summary>The step.</summary>
    public readonly CommandStep<T> Task => new(Promise, _result);

    /// <summary>Makes one.</summary>
    public static CommandStepBuilder<T> Create() => default;

    /// <summary>Runs the method.</summary>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
        => stateMachine.MoveNext();

    /// <summary>Needed by the compiler.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    /// <summary>The method has ended.</summary>
    public void SetResult(T result)
    {
        _result = result;
        Promise?.SetResult(result);
    }

    /// <summary>The method has failed. Unless it has suspended, it throws like any method.</summary>
    public readonly void SetException(Exception exception)
    {
        if (Promise is null)
        {
            ExceptionDispatchInfo.Throw(exception);
        }

        Promise.SetException(exception);
    }

    /// <summary>The method waits.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine
        => awaiter.OnCompleted(Suspend(ref stateMachine));

    /// <summary>The method waits.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine
        => awaiter.UnsafeOnCompleted(Suspend(ref stateMachine));

    /// <summary>Keeps the method's state, the first time it waits.</summary>
    /// <returns>The state with which it continues.</returns>
    public Action Suspend<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        if (Promise is null)
        {
            // The state contains this builder, and must contain the promise when it is copied.
            Promise = new CommandStepPromise<T>();
            IAsyncStateMachine kept = stateMachine;
            Promise.MoveNext = kept.MoveNext;
        }

        return Promise.MoveNext!;
    }
}
