namespace AsyncPs.Jobs;

/// <summary>What a failure does to the other jobs of a task group.</summary>
public enum TaskGroupErrorAction
{
    /// <summary>They are stopped, and the group ends with an error.</summary>
    Stop,

    /// <summary>They continue, and the group writes an error at its end.</summary>
    Continue,
}
