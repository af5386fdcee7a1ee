namespace AsyncPs.Concurrency;

/// <summary>Counts the attempts at an item whose own call does not.</summary>
internal interface IAttemptSource
{
    /// <summary>The number of the current attempt.</summary>
    int Attempt { get; }
}
