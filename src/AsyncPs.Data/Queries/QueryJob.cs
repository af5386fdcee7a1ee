using System.Diagnostics;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Data.Connections;
using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Queries;

/// <summary>Runs a query once for every item of a call.</summary>
internal sealed class QueryJob : IAsyncJob
{
    private readonly IDatabaseDriver _driver;
    private readonly WaitNote _answer;
    private readonly WaitNote? _thread;
    private IReadOnlyList<string>? _types;

    /// <summary>Creates a job. Pipeline thread only.</summary>
    public QueryJob(DatabaseTarget target, QueryText query, QueryOutput output)
    {
        Target = target;
        _driver = target.Driver;
        _answer = DatabaseWaits.AnswerOn(target.Connections);
        _thread = _driver.Threads is null ? null : DatabaseWaits.Connection(target.Connections, _driver);
        Query = query;
        Output = output;
        MayWrite = !target.WouldWaitForItself(toWrite: true);
        HasPositions = _driver.PrefersPositions && !query.HasSeveral;
        CommandText = HasPositions ? query.WithPositions() : query.ToString();
    }

    /// <summary>The target.</summary>
    public DatabaseTarget Target { get; }

    /// <summary>The query.</summary>
    public QueryText Query { get; }

    /// <summary>What an execution writes.</summary>
    public QueryOutput Output { get; }

    /// <summary>The text for the driver.</summary>
    public string CommandText { get; }

    /// <summary>Whether the text has positional parameters instead of names.</summary>
    public bool HasPositions { get; }

    /// <summary>Whether it may write: it does not run within a transaction that a write would wait for.</summary>
    public bool MayWrite { get; }

    /// <summary>
    /// Whether the query writes, if only one connection may; null before that is known. It is determined once per call; concurrent first
    /// executions get the same answer.
    /// </summary>
    public bool? Writes { get; set; }

    /// <summary>
    /// The types of the query's parameters, requested once per call and only if a value needs them; null if unknown.
    /// </summary>
    public ValueTask<IReadOnlyList<string>?> DescribeAsync(IConnectionLease lease, object?[] values, CancellationToken cancellationToken)
        => !HasPositions || !Array.Exists(values, _driver.NeedsType) ? default
            : _types is { } known ? new(known)
            : AskAsync(lease, cancellationToken);

    /// <inheritdoc/>
    public ValueTask RunAttemptAsync(WorkItem item, CancellationToken cancellationToken)
    {
        var work = (QueryWork)item.Work!;
        if (work.Failure is not null)
        {
            return ValueTask.FromException(work.Failure);
        }

        item.Waits = _thread;
        Func<ValueTask> run = () => RunAsync(item, work.Values!, cancellationToken);
        return QuerySignals.AreWanted ? QuerySignals.RunAsync(_driver, "query", Query.ToString(), run) : _driver.RunAsync(run);
    }

    /// <inheritdoc/>
    public string? Describe(WorkItem item) => ViewText.Of(Query.ToString());

    /// <inheritdoc/>
    public void Dispose() => Target.ForgetAsync(this).AsTask().GetAwaiter().GetResult();

    private async ValueTask<IReadOnlyList<string>?> AskAsync(IConnectionLease lease, CancellationToken cancellationToken)
        => _types = await _driver.DescribeParametersAsync(lease.Connection, lease.Transaction, CommandText, cancellationToken) ?? [];

    private async ValueTask RunAsync(WorkItem item, object?[] values, CancellationToken cancellationToken)
    {
        long startedAt = Stopwatch.GetTimestamp();
        item.Waits = null;
        using var wait = new NotedWait(item, _answer);
        for (bool hasRefreshed = false; ;)
        {
            var execution = new QueryExecution(this, item, values);
            try
            {
                await execution.RunAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (_driver.Explain(e) is { } failure)
            {
                (Target as AsyncTransaction)?.NoteFailure();
                cancellationToken.ThrowIfCancellationRequested();
                if (failure.IsStale && !hasRefreshed && !execution.HasWritten && Target is AsyncDatabase)
                {
                    hasRefreshed = true;
                    await _driver.RefreshAsync(cancellationToken);
                }
                else if (!failure.IsBusy || execution.HasWritten || Stopwatch.GetElapsedTime(startedAt) >= _driver.BusyTimeout)
                {
                    // Output that is kept until the end is dropped with the attempt; written output cannot be taken back. A transaction
                    // in which a query has failed has ended.
                    throw DataErrors.Failed(
                        failure, e, mayRepeat: Target is AsyncDatabase && (item.Call.Options.KeepsOutput || !execution.HasWritten));
                }
            }
        }
    }
}
