using System.Data;

namespace AsyncPs.Resources;

/// <summary>An object that can begin transactions: what <c>Use-AsyncResource -Transaction</c> takes.</summary>
public interface ITransactional
{
    /// <summary>Begins a transaction.</summary>
    /// <param name="isolationLevel">The isolation level; <see cref="IsolationLevel.Unspecified"/> for the default.</param>
    /// <param name="cancellationToken">Ends the wait, and leaves no transaction behind.</param>
    /// <returns>The transaction. The caller commits it or rolls it back, and disposes it in any case.</returns>
    ValueTask<IAsyncTransaction> BeginTransactionAsync(IsolationLevel isolationLevel, CancellationToken cancellationToken);
}
