namespace AsyncPs.Streams;

/// <summary>What can be read as a stream in a way of its own.</summary>
internal interface IStreamable
{
    /// <summary>Begins to read; nothing happens before the first move.</summary>
    /// <param name="stopping">Ends every wait.</param>
    StreamSource Open(CancellationToken stopping);
}
