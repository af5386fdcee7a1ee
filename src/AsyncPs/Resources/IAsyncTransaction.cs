namespace AsyncPs.Resources;

/// <summary>
/// A transaction that has begun. Disposing releases everything it holds, and rolls it back if it was not committed.
/// </summary>
public interface IAsyncTransaction : IAsyncDisposable
{
    /// <summary>The object to work with in the transaction: `$_` in the block of <c>Use-AsyncResource -Transaction</c>.</summary>
    object Connection { get; }

    /// <summary>Commits the transaction.</summary>
    /// <param name="cancellationToken">Ends the wait; whether the transaction was committed is then unknown.</param>
    ValueTask CommitAsync(CancellationToken cancellationToken);

    /// <summary>Rolls the transaction back.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask RollbackAsync(CancellationToken cancellationToken);
}
