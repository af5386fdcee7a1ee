using AsyncPs.Concurrency.Awaiting;

namespace AsyncPs.Resources;

/// <summary>
/// Uses any object with the methods Commit and Rollback as a transaction. Tasks that they return are awaited.
/// </summary>
internal sealed class MethodTransaction : IAsyncTransaction
{
    private const string Commit = "Commit";
    private const string Rollback = "Rollback";

    private readonly PSObject _transaction;
    private bool _ended;

    private MethodTransaction(PSObject transaction) => _transaction = transaction;

    /// <inheritdoc/>
    public object Connection => _transaction;

    /// <summary>Wraps an object, if it has the methods.</summary>
    public static MethodTransaction? TryCreate(object resource)
    {
        var transaction = PSObject.AsPSObject(resource);
        return transaction.Methods[Commit] is null || transaction.Methods[Rollback] is null ? null : new MethodTransaction(transaction);
    }

    /// <inheritdoc/>
    public ValueTask CommitAsync(CancellationToken cancellationToken) => CallAsync(Commit, cancellationToken);

    /// <inheritdoc/>
    public ValueTask RollbackAsync(CancellationToken cancellationToken)
    {
        _ended = true;
        return CallAsync(Rollback, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Disposal.CanDispose(_transaction.BaseObject) ? Disposal.DisposeAsync(_transaction.BaseObject)
        : _ended ? default
        : RollbackAsync(CancellationToken.None);

    private async ValueTask CallAsync(string method, CancellationToken cancellationToken)
    {
        if (Awaitables.IsAwaitable(_transaction.Methods[method].Invoke(), out object? awaitable) && awaitable is Task task)
        {
            await task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        _ended = true;
    }
}
