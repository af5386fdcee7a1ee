namespace AsyncPs.Jobs;

/// <summary>What a failure means to the other jobs of a task group.</summary>
public enum TaskGroupErrorAction
{
    /// <summary>They are stopped, and the group ends with an error.</summary>
    Stop,

    /// <summary>They go on, and the group writes an error at its end.</summary>
    Continue,
}
