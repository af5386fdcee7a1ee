using System.Collections;
using AsyncPs.Commands.Parameters;
using AsyncPs.Data.Connections;
using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Commands;

/// <summary>
/// Offers names from the command's database, which has a moment to answer. A transaction is not asked, because a failing query would end
/// it.
/// </summary>
public abstract class SchemaCompleter : Completer
{
    // The user who has pressed Tab waits.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    private protected override IEnumerable<CompletionResult> Complete(string typed, IDictionary others)
        => PSObjectExtensions.Unwrap(others[nameof(DataCommand.Database)]) is AsyncDatabase database
            ? SessionNames.Offer(Ask(database, others), typed)
            : [];

    /// <summary>Asks for the names.</summary>
    /// <param name="database">The database.</param>
    /// <param name="lease">A connection to it.</param>
    /// <param name="arguments">The other parameters that were typed.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    private protected abstract ValueTask<IEnumerable<string>> AskAsync(
        AsyncDatabase database,
        IConnectionLease lease,
        IDictionary arguments,
        CancellationToken cancellationToken);

    private IEnumerable<string> Ask(AsyncDatabase database, IDictionary arguments)
    {
        Task<IEnumerable<string>> asking = Task.Run(() => AskAsync(database, arguments));
        try
        {
            return asking.Wait(WaitLimit) ? asking.Result : [];
        }
        catch (AggregateException)
        {
            // Completion reports no errors.
            return [];
        }
    }

    private async Task<IEnumerable<string>> AskAsync(AsyncDatabase database, IDictionary arguments)
    {
        using var limit = new CancellationTokenSource(WaitLimit);
        IEnumerable<string> names = [];
        try
        {
            await database.Driver.RunAsync(async () =>
            {
                await using IConnectionLease lease = await database.LeaseAsync(this, strand: null, limit.Token);
                names = await AskAsync(database, lease, arguments, limit.Token);
            }).ConfigureAwait(false);
        }
        finally
        {
            await database.ForgetAsync(this).ConfigureAwait(false);
        }

        return names;
    }
}

/// <summary>Offers the tables of the database.</summary>
public sealed class TableCompleter : SchemaCompleter
{
    private protected override ValueTask<IEnumerable<string>> AskAsync(
        AsyncDatabase database,
        IConnectionLease lease,
        IDictionary arguments,
        CancellationToken cancellationToken)
        => database.Driver.ListTablesAsync(lease.Connection, cancellationToken);
}

/// <summary>Offers the columns of the table.</summary>
public sealed class ColumnCompleter : SchemaCompleter
{
    private protected override async ValueTask<IEnumerable<string>> AskAsync(
        AsyncDatabase database,
        IConnectionLease lease,
        IDictionary arguments,
        CancellationToken cancellationToken)
        => arguments[nameof(ImportConcurrentDataCommand.Table)] is string { Length: > 0 } table
            && await database.Driver.DescribeAsync(lease.Connection, transaction: null, table, cancellationToken) is { } described
            ? described.Columns.Select(static column => column.Name)
            : [];
}
