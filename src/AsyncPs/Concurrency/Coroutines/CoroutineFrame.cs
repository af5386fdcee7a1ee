namespace AsyncPs.Concurrency.Coroutines;

/// <summary>What the code of a coroutine keeps while it is suspended. The code sets the fields itself.</summary>
internal abstract class CoroutineFrame
{
    /// <summary>Which await the code goes on at; 0 for the start.</summary>
    public int State;

    /// <summary>The values of the code's temporaries while it is suspended.</summary>
    public object?[]? FifoSemaphore;

    /// <summary>Whether the code has returned because it waits, not because it has ended.</summary>
    public bool IsSuspended;

    /// <summary>Asked at an await that has begun: whether the code is to return and be called again later.</summary>
    public abstract bool MustSuspend();
}
