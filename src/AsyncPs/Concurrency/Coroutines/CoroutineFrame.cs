namespace AsyncPs.Concurrency.Coroutines;

/// <summary>The state of a coroutine's code while it is suspended. The code sets the fields itself.</summary>
internal abstract class CoroutineFrame
{
    /// <summary>The number of the await at which the code continues; 0 for the start.</summary>
    public int State;

    /// <summary>The values of the code's temporaries while it is suspended.</summary>
    public object?[]? Temporaries;

    /// <summary>Whether the code has returned because it waits rather than because it has ended.</summary>
    public bool IsSuspended;

    /// <summary>Called when a wait has begun: whether the code returns and is called again later.</summary>
    public abstract bool MustSuspend();

    /// <summary>Whether, after an await, the command has started to wait for something else, so that it has not ended yet.</summary>
    public virtual bool MustWaitOn => false;
}
