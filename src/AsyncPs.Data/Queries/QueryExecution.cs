using System.Data.Common;
using AsyncPs.Concurrency;
using AsyncPs.Data.Connections;
using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Queries;

/// <summary>One execution of a query for an item. Rows are written while the query runs, and it waits while they are not read.</summary>
internal sealed class QueryExecution(QueryJob job, WorkItem item, object?[] values)
{
    // This many rows without a pause mean that more will come: from then on the pipeline thread is not woken for each.
    private const int RowsInBatches = 128;

    private readonly IDatabaseDriver _driver = job.Target.Driver;

    // If only one connection may write, the rows of a writing statement are kept until others may write.
    private List<object?>? _kept;
    private IConnectionLease? _lease;
    private bool _endedEarly;

    /// <summary>Whether something was written to the pipeline.</summary>
    public bool HasWritten { get; private set; }

    /// <summary>Runs the query.</summary>
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        job.Writes ??= await WritesAsync(cancellationToken);
        if (job.Writes == true)
        {
            if (!job.MayWrite)
            {
                throw DataErrors.InTransaction(job.Target.Name);
            }

            // While it waits for other writers, it holds no connection.
            _kept = [];
            using IDisposable? turn = await job.Target.EnterWriteAsync(cancellationToken);
            await RunCommandAsync(cancellationToken);
        }
        else
        {
            await RunCommandAsync(cancellationToken);
        }

        foreach (object? output in _kept ?? [])
        {
            HasWritten = true;
            await item.WriteAsync(StreamKind.Output, output);
        }
    }

    private async ValueTask<bool> WritesAsync(CancellationToken cancellationToken)
    {
        if (!_driver.HasOneWriter)
        {
            return false;
        }

        await using IConnectionLease lease = await job.Target.LeaseAsync(job, item, cancellationToken);
        return _driver.IsWrite(lease.Connection, job.CommandText);
    }

    private async ValueTask RunCommandAsync(CancellationToken cancellationToken)
    {
        _lease = await job.Target.LeaseAsync(job, item, cancellationToken);
        await using (_lease)
        {
            await RunCommandAsync(_lease, cancellationToken);
        }
    }

    private async ValueTask RunCommandAsync(IConnectionLease lease, CancellationToken cancellationToken)
    {
        await using DbCommand command = CreateCommand(lease, await job.DescribeAsync(lease, values, cancellationToken));
        using CancellationTokenRegistration stop = _driver.Threads is null
            ? default
            : cancellationToken.UnsafeRegister(_ => Guarded.Run(() => _driver.Cancel(command)), null);
        bool failed = true;
        lease.Messages.Attach(item);
        try
        {
            if (job.Output == QueryOutput.Count)
            {
                await WriteAsync(await command.ExecuteNonQueryAsync(cancellationToken));
            }
            else
            {
                await ReadAsync(command, cancellationToken);
            }

            failed = false;
        }
        finally
        {
            lease.IsHealthy = _driver.IsReusable(lease.Connection, failed || _endedEarly);
            await lease.Messages.DetachAsync();
        }
    }

    private DbCommand CreateCommand(IConnectionLease lease, IReadOnlyList<string>? types)
    {
        DbCommand command = lease.Connection.CreateCommand();
        command.CommandText = job.CommandText;
        command.Transaction = lease.Transaction;
        for (int i = 0; i < values.Length; i++)
        {
            try
            {
                _driver.AddParameter(command, job.HasPositions ? null : job.Query.Names[i], values[i], types?.ElementAtOrDefault(i));
            }
            catch (Exception e) when (e is NotSupportedException or OverflowException)
            {
                command.Dispose();
                throw DataErrors.ValueNotSupported(job.Query.Names[i], values[i]!, _driver.Kind.ToString());
            }
        }

        return command;
    }

    private async ValueTask ReadAsync(DbCommand command, CancellationToken cancellationToken)
    {
        DbDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        try
        {
            if (job.Output == QueryOutput.Scalar)
            {
                await ReadScalarAsync(reader, command, cancellationToken);
            }
            else
            {
                await ReadRowsAsync(reader, cancellationToken);
            }
        }
        catch
        {
            await EndEarlyAsync(command, reader);
            throw;
        }

        await reader.DisposeAsync();
    }

    private async ValueTask ReadRowsAsync(DbDataReader reader, CancellationToken cancellationToken)
    {
        do
        {
            if (reader.FieldCount == 0)
            {
                continue;
            }

            var shape = new RowShape(_driver, reader);
            for (int rows = 1; await reader.ReadAsync(cancellationToken); rows++)
            {
                if (rows % RowsInBatches == 0)
                {
                    item.Call.Output.InBatches = true;
                }

                await WriteAsync(shape.Read(reader));
            }
        }
        while (await reader.NextResultAsync(cancellationToken));
    }

    private async ValueTask ReadScalarAsync(DbDataReader reader, DbCommand command, CancellationToken cancellationToken)
    {
        if (!await reader.ReadAsync(cancellationToken) || reader.FieldCount == 0)
        {
            return;
        }

        object? value = new RowShape(_driver, reader).Value(reader, 0);
        if (await reader.ReadAsync(cancellationToken) && job.Writes != true)
        {
            // The rest may be long, and is not wanted.
            await EndEarlyAsync(command, reader);
        }

        await WriteAsync(value);
    }

    private ValueTask WriteAsync(object? output)
    {
        if (_kept is not null)
        {
            _kept.Add(output);
            return default;
        }

        HasWritten = true;
        ValueTask written = item.WriteAsync(StreamKind.Output, output);
        return written.IsCompleted ? written : _lease!.AwaitReaderAsync(written);
    }

    // A reader that is only disposed would read all remaining rows.
    private async ValueTask EndEarlyAsync(DbCommand command, DbDataReader reader)
    {
        _endedEarly = true;
        try
        {
            _driver.Cancel(command);
            await reader.DisposeAsync();
        }
        catch (Exception e) when (_driver.Explain(e) is not null)
        {
            // The cancellation was intended.
        }
    }
}
