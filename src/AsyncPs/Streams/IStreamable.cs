namespace AsyncPs.Streams;

/// <summary>An object with its own way of being read as a stream.</summary>
internal interface IStreamable
{
    /// <summary>Opens the stream; nothing happens before the first move.</summary>
    /// <param name="stopping">Ends every wait.</param>
    StreamSource Open(CancellationToken stopping);
}
