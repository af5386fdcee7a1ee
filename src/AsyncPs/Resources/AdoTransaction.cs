using System.Data.Common;

namespace AsyncPs.Resources;

/// <summary>A transaction of an ADO.NET provider.</summary>
/// <param name="transaction">The transaction.</param>
/// <param name="close">Closes objects that were opened for it, such as a connection; or null.</param>
internal sealed class AdoTransaction(DbTransaction transaction, Func<ValueTask>? close = null) : IAsyncTransaction
{
    /// <inheritdoc/>
    // The connection of a transaction that has ended is null.
    public object Connection { get; } = transaction.Connection ?? (object)transaction;

    /// <inheritdoc/>
    public ValueTask CommitAsync(CancellationToken cancellationToken) => new(transaction.CommitAsync(cancellationToken));

    /// <inheritdoc/>
    public ValueTask RollbackAsync(CancellationToken cancellationToken) => new(transaction.RollbackAsync(cancellationToken));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            if (close is not null)
            {
                await close().ConfigureAwait(false);
            }
        }
    }
}
