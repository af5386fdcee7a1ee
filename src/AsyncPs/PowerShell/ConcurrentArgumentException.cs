namespace AsyncPs;

/// <summary>Carries the error record of a bad argument from where it is noticed to the cmdlet, which throws it.</summary>
internal sealed class ConcurrentArgumentException(ErrorRecord record) : Exception(record.Exception.Message)
{
    /// <summary>The error.</summary>
    public ErrorRecord Record { get; } = record;
}
