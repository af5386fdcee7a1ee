using System.Data;

namespace AsyncPs.Resources;

/// <summary>Something in which transactions can be begun: what <c>Use-AsyncResource -Transaction</c> takes.</summary>
public interface ITransactional
{
    /// <summary>Begins a transaction.</summary>
    /// <param name="isolationLevel">The isolation level; <see cref="IsolationLevel.Unspecified"/> for the usual one.</param>
    /// <param name="cancellationToken">Ends the waiting, and leaves no transaction behind.</param>
    /// <returns>The transaction. Whoever began it commits it or rolls it back, and disposes it in any case.</returns>
    ValueTask<IAsyncTransaction> BeginTransactionAsync(IsolationLevel isolationLevel, CancellationToken cancellationToken);
}
