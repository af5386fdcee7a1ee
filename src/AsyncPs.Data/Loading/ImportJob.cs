using System.Data.Common;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Data.Connections;
using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Loading;

/// <summary>Loads the batches of a call, each in its own transaction unless one transaction contains all of them.</summary>
/// <param name="target">The target.</param>
/// <param name="table">The table.</param>
/// <param name="columns">The columns of a row's values, known with the first row.</param>
/// <param name="recycle">Takes back the rows of a finished batch.</param>
internal sealed class ImportJob(
    DatabaseTarget target, BulkTable table, Func<IReadOnlyList<BulkColumn>> columns, Action<ImportRows> recycle) : IAsyncJob
{
    private readonly IDatabaseDriver _driver = target.Driver;
    private readonly WaitNote _answer = DatabaseWaits.AnswerOn(target.Connections);
    private readonly WaitNote? _thread = target.Driver.Threads is null ? null : DatabaseWaits.Connection(target.Connections, target.Driver);

    /// <inheritdoc/>
    public ValueTask RunAttemptAsync(WorkItem item, CancellationToken cancellationToken)
    {
        item.Waits = _thread;
        Func<ValueTask> run = () => RunAsync(item, cancellationToken);
        return QuerySignals.AreWanted ? QuerySignals.RunAsync(_driver, "import", table.Name, run) : _driver.RunAsync(run);
    }

    /// <inheritdoc/>
    public string? Describe(WorkItem item) => table.Name;

    /// <inheritdoc/>
    public void Dispose() => target.ForgetAsync(this).AsTask().GetAwaiter().GetResult();

    private async ValueTask RunAsync(WorkItem item, CancellationToken cancellationToken)
    {
        item.Waits = null;
        using var wait = new NotedWait(item, _answer);
        try
        {
            await LoadAsync(item, (ImportBatch)item.Work!, cancellationToken);
        }
        catch (DatabaseException e) when (e.IsOfAll)
        {
            // The other batches would fail too, a million rows one by one. The call must know before the batch ends, which could be
            // the last one.
            await item.Call.FailAsync(e);
        }
    }

    private async ValueTask LoadAsync(WorkItem item, ImportBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            await LoadRangesAsync(item, batch, cancellationToken);
        }
        finally
        {
            foreach (ErrorRecord record in batch.Bad.Values)
            {
                await item.WriteAsync(StreamKind.Error, record);
            }
        }

        recycle(batch.Rows);
        await item.WriteAsync(StreamKind.Output, batch.Loaded);
    }

    private async ValueTask LoadRangesAsync(WorkItem item, ImportBatch batch, CancellationToken cancellationToken)
    {
        while (batch.TryPeek(out (int Start, int End) range))
        {
            try
            {
                await LoadAsync(item, batch, range, cancellationToken);
                batch.Done();
            }
            catch (Exception e) when (e is RowException || _driver.Explain(e) is not null)
            {
                (target as AsyncTransaction)?.NoteFailure();
                cancellationToken.ThrowIfCancellationRequested();
                DriverFailure? failure = _driver.Explain(e.InnerException is { } inner && e is RowException ? inner : e);
                if (failure is { IsTransient: true } or { IsConnection: true })
                {
                    throw DataErrors.Failed(failure.Value, e, mayRepeat: target is AsyncDatabase);
                }

                if (failure is { IsOfAll: true } && e is not RowException)
                {
                    throw DataErrors.LoadFailed(table.Name, failure.Value, e);
                }

                if (target is AsyncTransaction && (e as RowException)?.Row is null)
                {
                    throw DataErrors.Failed(failure!.Value, e, mayRepeat: false);
                }

                if (batch.Exclude(range.Start + (e as RowException)?.Row) is { } row)
                {
                    DatabaseException reason = DataErrors.RowNotLoaded(batch.FirstRow + row, e.Message, failure?.Code, e);
                    if (target is AsyncTransaction)
                    {
                        // Nothing of the load will be kept, so the following rows need not be tried.
                        throw reason;
                    }

                    ErrorRecord record = new(reason.ErrorRecord, reason);
                    EngineInternals.SetTargetObject?.Invoke(record, batch.Rows.Input(row));
                    batch.Bad.Add(row, record);
                }
            }
        }
    }

    private async ValueTask LoadAsync(WorkItem item, ImportBatch batch, (int Start, int End) range, CancellationToken cancellationToken)
    {
        using IDisposable? turn = await target.EnterWriteAsync(cancellationToken);
        await using IConnectionLease lease = await target.LeaseAsync(this, strand: null, cancellationToken);
        bool failed = true;
        lease.Messages.Attach(item);
        try
        {
            DbTransaction? own = lease.Transaction is null
                ? await _driver.BeginAsync(lease.Connection, System.Data.IsolationLevel.Unspecified, cancellationToken)
                : null;
            try
            {
                await _driver.LoadAsync(
                    lease.Connection, lease.Transaction ?? own!, table, columns(), batch.Rows, range.Start, range.End, cancellationToken);
                await (own?.CommitAsync(cancellationToken) ?? Task.CompletedTask);
                failed = false;
            }
            finally
            {
                await (own?.DisposeAsync() ?? default);
            }
        }
        finally
        {
            lease.IsHealthy = _driver.IsReusable(lease.Connection, failed);
            await lease.Messages.DetachAsync();
        }
    }
}
