using AsyncPs.Resilience;
using AsyncPs.Throttling;

namespace AsyncPs.Isolation;

/// <summary>What the module has third-party packages do. The assembly that implements it is loaded apart, with its packages.</summary>
internal interface IDependencies
{
    /// <summary>Makes a retry policy.</summary>
    IRetryPolicy CreateRetryPolicy(RetryOptions options);

    /// <summary>Makes a semaphore.</summary>
    /// <param name="limit">How many slots it has, from 1.</param>
    ISlots CreateSlots(int limit);
}
