namespace AsyncPs.Resources;

/// <summary>
/// A transaction that was begun. Disposing one that was not committed rolls it back; disposing gives back all that it holds.
/// </summary>
public interface IAsyncTransaction : IAsyncDisposable
{
    /// <summary>What belongs to the transaction and is worked with: `$_` in the block of <c>Use-AsyncResource -Transaction</c>.</summary>
    object Connection { get; }

    /// <summary>Makes what was done last.</summary>
    /// <param name="cancellationToken">Ends the waiting; whether it was committed is then not known.</param>
    ValueTask CommitAsync(CancellationToken cancellationToken);

    /// <summary>Undoes what was done.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    ValueTask RollbackAsync(CancellationToken cancellationToken);
}
