using System.Data;
using System.Data.Common;

namespace AsyncPs.Resources;

/// <summary>Begins transactions in objects that support them.</summary>
internal static class Transactions
{
    /// <summary>Whether the object can begin a transaction, or is one.</summary>
    public static bool CanBegin(object resource)
        => resource is ITransactional or IAsyncTransaction or DbDataSource or DbConnection or DbTransaction
            || MethodTransaction.TryCreate(resource) is not null;

    /// <summary>Begins a transaction. An object that is a transaction is used as it is.</summary>
    public static ValueTask<IAsyncTransaction> BeginAsync(
        object resource,
        IsolationLevel isolationLevel,
        CancellationToken cancellationToken) => resource switch
    {
        ITransactional transactional => transactional.BeginTransactionAsync(isolationLevel, cancellationToken),
        IAsyncTransaction transaction => new ValueTask<IAsyncTransaction>(transaction),
        DbTransaction transaction => new ValueTask<IAsyncTransaction>(new AdoTransaction(transaction)),
        DbDataSource source => BeginAsync(source, isolationLevel, cancellationToken),
        DbConnection connection => BeginAsync(connection, isolationLevel, cancellationToken),
        _ => new ValueTask<IAsyncTransaction>(MethodTransaction.TryCreate(resource)!),
    };

    private static async ValueTask<IAsyncTransaction> BeginAsync(
        DbDataSource source,
        IsolationLevel isolationLevel,
        CancellationToken cancellationToken)
    {
        DbConnection connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return await BeginAsync(connection, isolationLevel, connection.DisposeAsync, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<IAsyncTransaction> BeginAsync(
        DbConnection connection,
        IsolationLevel isolationLevel,
        CancellationToken cancellationToken)
    {
        if (connection.State != ConnectionState.Closed)
        {
            return await BeginAsync(connection, isolationLevel, close: null, cancellationToken).ConfigureAwait(false);
        }

        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        return await BeginAsync(connection, isolationLevel, () => new ValueTask(connection.CloseAsync()), cancellationToken).ConfigureAwait(
            false);
    }

    private static async ValueTask<IAsyncTransaction> BeginAsync(
        DbConnection connection, IsolationLevel isolationLevel, Func<ValueTask>? close, CancellationToken cancellationToken)
    {
        try
        {
            return new AdoTransaction(
                await connection.BeginTransactionAsync(isolationLevel, cancellationToken).ConfigureAwait(false),
                close);
        }
        catch when (close is not null)
        {
            await close().ConfigureAwait(false);
            throw;
        }
    }
}
