namespace AsyncPs.Concurrency;

/// <summary>Knows how often an item was started, where that is not for the item's own call to say.</summary>
internal interface IAttemptSource
{
    /// <summary>How often.</summary>
    int Attempt { get; }
}
