namespace AsyncPs;

/// <summary>Carries the error record of a bad argument from the code that finds it to the cmdlet, which throws it.</summary>
internal sealed class ConcurrentArgumentException(ErrorRecord record) : Exception(record.Exception.Message)
{
    /// <summary>The error.</summary>
    public ErrorRecord Record { get; } = record;
}
