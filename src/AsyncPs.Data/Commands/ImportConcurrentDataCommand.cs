using System.Collections.Concurrent;
using System.Data;
using System.Diagnostics;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Data.Connections;
using AsyncPs.Data.Drivers;
using AsyncPs.Data.Loading;

namespace AsyncPs.Data.Commands;

/// <summary>
/// Loads pipeline objects into a table in the fastest way of the database: binary COPY for PostgreSQL, prepared statements in a
/// transaction for SQLite (asyncpg's <c>copy_records_to_table</c>).
/// </summary>
[Cmdlet(VerbsData.Import, "ConcurrentData")]
[OutputType(typeof(ImportSummary))]
public sealed class ImportConcurrentDataCommand : DataCommand
{
    private const int DefaultBatchSize = 10_000;

    // An item is thousands of rows, so waiting items take much memory.
    private const int BatchesAhead = 2;

    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly CancellationTokenSource _stop = new();
    private AsyncTransaction? _transaction;
    private DatabaseTarget? _target;
    private BulkTable? _table;
    private BulkColumn[] _columns = [];
    private readonly ConcurrentBag<ImportRows> _free = [];
    private ImportRows? _rows;
    private long _taken;
    private long _loaded;
    private Action<StreamRecord>? _write;

    /// <summary>The table, with its schema if needed.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string Table { get; set; } = null!;

    /// <summary>
    /// The columns to load; the others get their defaults. Default: those for which the first object has properties. All of its properties
    /// must be columns.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ColumnCompleter))]
    public string[]? Column { get; set; }

    /// <summary>How many rows are loaded together, in one transaction. Default: 10,000.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int BatchSize { get; set; } = DefaultBatchSize;

    /// <summary>Loads all rows or none: the first bad row ends the command, and nothing is kept.</summary>
    [Parameter]
    public SwitchParameter AllOrNothing { get; set; }

    /// <inheritdoc/>
    private protected override int DefaultLimit => AllOrNothing ? 1 : Math.Min(2, Target.Limit);

    /// <inheritdoc/>
    private protected override ConcurrentCall OpenCall(Action<StreamRecord> write)
    {
        if (!HasInput)
        {
            throw DataErrors.ArgumentInvalid("There are no rows: pipe in objects with a property for each column.", "NoRows");
        }

        if (AllOrNothing && RetryCount > 0)
        {
            throw DataErrors.ArgumentInvalid(
                "-AllOrNothing and -RetryCount cannot be used together: a transaction cannot continue after a failure. "
                    + "Repeat the command.");
        }

        _write = write;
        _target = Target;
        MustNotWaitForItself(toWrite: true);
        _table = Describe(_target, Strand.Current);
        if (AllOrNothing && _target is AsyncDatabase database)
        {
            Strand strand = Strand.Current;
            object? pipeline = EngineInternals.PipelineOf(this);
            _target = _transaction = (AsyncTransaction)Run(token => database.BeginTransactionAsync(
                IsolationLevel.Unspecified,
                strand,
                pipeline,
                token));
        }

        ChooseColumns(Column);
        return new ConcurrentCall(
            WithoutWorkers(CreateOptions()) with
            {
                ResumesAttempts = true,
                FailFast = FailFast || AllOrNothing,
                Limits = CallLimits.For(Limit) with { Waiting = BatchesAhead },
            },
            call => new AsyncLoops(call, new ImportJob(_target, _table, () => _columns, Recycle), AllOrNothing ? 1 : Limit),
            Write) { Caller = CallerLink.Of(this) };
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_columns.Length == 0)
        {
            ChooseColumnsOf(InputObject);
        }

        _rows ??= _free.TryTake(out ImportRows? free) ? free : new ImportRows(_columns.Length);
        Span<object?> values = _rows.Add(InputObject);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Read(InputObject, _columns[i].Name);
        }

        if (_rows.Count == BatchSize)
        {
            AddBatch();
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        AddBatch();
        base.EndProcessing();
        if (_transaction is not null)
        {
            Commit(_transaction);
        }

        if (!AsResult)
        {
            WriteObject(new ImportSummary(_table!.Name, _loaded, _taken - _loaded, Stopwatch.GetElapsedTime(_startedAt)));
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        base.StopProcessing();
        _stop.Cancel();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _transaction?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _stop.Dispose();
    }

    private static object? Read(object? input, string column)
    {
        try
        {
            return input is not null && ObjectValues.TryGet(input, column, out object? value) ? PlainText.Unwrap(value) : null;
        }
        catch (GetValueException e)
        {
            return new UnreadableValue(e.Message);
        }
    }

    private void Write(StreamRecord record)
    {
        if (record.Kind == StreamKind.Output && !AsResult)
        {
            _loaded += (long)record.Data!;
        }
        else
        {
            WriteRecord(record, _write!);
        }
    }

    private void AddBatch()
    {
        if (_rows is null)
        {
            return;
        }

        var batch = new ImportBatch(_taken + 1, _rows);
        _taken += _rows.Count;
        _rows = null;
        Call.Add(batch.ToString(), batch);
    }

    private void Recycle(ImportRows rows)
    {
        rows.Clear();
        _free.Add(rows);
    }

    private BulkTable Describe(DatabaseTarget target, Strand strand) => Run(async token =>
    {
        BulkTable? described = null;
        await target.Driver.RunAsync(async () =>
        {
            await using IConnectionLease lease = await target.LeaseAsync(this, strand, token);
            try
            {
                described = await target.Driver.DescribeAsync(lease.Connection, lease.Transaction, Table, token);
            }
            finally
            {
                if (described is null)
                {
                    // An invalid name may be an error on the server, which then aborts the transaction.
                    (target as AsyncTransaction)?.NoteFailure();
                }
            }
        }).ConfigureAwait(false);
        return described;
    }) ?? throw DataErrors.ArgumentInvalid($"-Table: {target.Name} has no table '{Table}'.", "TableNotFound", Table);

    private void ChooseColumns(string[]? names)
        => _columns = [.. (names
            ?? []).Select(name => _table!.Columns.FirstOrDefault(column => column.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw DataErrors.ArgumentInvalid(
                $"The table {_table!.Name} has no column '{name}'. It has {string.Join(", ", _table.Columns.Select(static c => c.Name))}. "
                    + "Choose the columns with -Column.",
                "ColumnNotFound",
                name))];

    private void ChooseColumnsOf(object? input)
    {
        try
        {
            ChooseColumns(input is null ? [] : [.. ObjectValues.Names(input)]);
            if (_columns.Length == 0)
            {
                throw DataErrors.ArgumentInvalid(
                    "The first object has no properties. Pipe in objects with a property for each column, "
                        + "or choose the columns with -Column.",
                    "NoRows",
                    input);
            }
        }
        catch (ConcurrentArgumentException e)
        {
            ThrowTerminatingError(e.Record);
        }
    }

    private void Commit(AsyncTransaction transaction)
    {
        try
        {
            Run(async token =>
            {
                await transaction.CommitAsync(token).ConfigureAwait(false);
                return true;
            });
        }
        catch (ConcurrentArgumentException e)
        {
            ThrowTerminatingError(e.Record);
        }
    }

    private T Run<T>(Func<CancellationToken, ValueTask<T>> work)
    {
        try
        {
            // Not on this thread, which waits for the work.
            return Task.Run(() => work(_stop.Token).AsTask()).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (DatabaseException e)
        {
            throw new ConcurrentArgumentException(e.ErrorRecord);
        }
        catch (Exception e) when (Target.Driver.Explain(e) is { } failure)
        {
            throw new ConcurrentArgumentException(DataErrors.Failed(failure, e).ErrorRecord);
        }
    }
}
