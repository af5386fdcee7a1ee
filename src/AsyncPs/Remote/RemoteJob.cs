using System.Collections;
using AsyncPs.Concurrency;
using AsyncPs.Resilience;

namespace AsyncPs.Remote;

/// <summary>
/// Runs the items of a call in other processes. An item is awaited like a request: it takes no worker of this process, and has all the
/// features of a call's items. A process is started when an item finds none that is idle.
/// </summary>
internal sealed class RemoteJob : IAsyncJob
{
    // Otherwise a block that ends every process it runs in would run forever.
    private const int MaxLosses = 3;

    private readonly ConcurrentCall _call;
    private readonly RemoteTarget _target;
    private readonly RemoteCall _remote;
    private readonly RemotePool _pool;
    private readonly SemaphoreSlim _places;
    private readonly Stack<RemoteWorker> _free = new();
    private readonly CancellationTokenSource _leaving = new();
    private Task? _left;

    /// <summary>Creates the job.</summary>
    /// <param name="call">The call.</param>
    /// <param name="target">The target of the processes.</param>
    /// <param name="written">The captured part of the caller's session.</param>
    /// <param name="processes">The largest number of processes.</param>
    public RemoteJob(ConcurrentCall call, RemoteTarget target, Hashtable written, int processes)
        : this(call, target, written, processes, RemotePool.Shared)
    {
    }

    /// <summary>Creates the job with the processes of a pool.</summary>
    public RemoteJob(ConcurrentCall call, RemoteTarget target, Hashtable written, int processes, RemotePool pool)
    {
        _call = call;
        _target = target;
        _remote = new RemoteCall(written);
        _pool = pool;
        _places = new SemaphoreSlim(processes);
    }

    /// <inheritdoc/>
    public async ValueTask RunAttemptAsync(WorkItem item, CancellationToken cancellationToken)
    {
        for (int losses = 1; ; losses++)
        {
            try
            {
                await RunOnceAsync(item, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (RemoteLossException loss)
            {
                if (!_call.Options.RetriesLost || losses > MaxLosses)
                {
                    throw await RemoteErrors.WorkerLostAsync(loss, _call.Options.RetriesLost).ConfigureAwait(false);
                }

                item.State!.Reset();
            }
            catch (RemoteCallException failure)
            {
                await _call.FailAsync(failure.InnerException!).ConfigureAwait(false);

                // The end of the call ends the item.
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ends the input: starts to end the call in the processes, where their last blocks run.</summary>
    /// <returns>A task that completes when they have ended.</returns>
    public Task LeaveAsync() => _left ??= Task.Run(LeaveAllAsync);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing waits for the end, so the last block does not run, as in a stopped call in this process.
        if (_left is not { IsCompleted: true })
        {
            _leaving.Cancel();
            _ = LeaveAsync();
        }
    }

    private async Task RunOnceAsync(WorkItem item, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        RemoteWorker? worker = null;
        try
        {
            worker = await TakeAsync(cancellationToken).ConfigureAwait(false);
            var batch = new RemoteBatch(item);
            await worker.PipelineOf(_remote).RunAsync(batch, cancellationToken).ConfigureAwait(false);
            if (batch.FailureOf(0) is { } failure)
            {
                throw ErrorCauses.ExceptionOf(failure);
            }
        }
        finally
        {
            if (worker is not null)
            {
                Return(worker);
            }

            _places.Release();
        }
    }

    private async Task<RemoteWorker> TakeAsync(CancellationToken cancellationToken)
    {
        lock (_free)
        {
            while (_free.TryPop(out RemoteWorker? free))
            {
                if (free.IsUsable)
                {
                    return free;
                }

                free.Dispose();
            }
        }

        return _pool.TryTake(_target) ?? await RemoteWorker.OpenAsync(_target, cancellationToken).ConfigureAwait(false);
    }

    private void Return(RemoteWorker worker)
    {
        if (worker.IsUsable)
        {
            lock (_free)
            {
                _free.Push(worker);
            }
        }
        else
        {
            worker.Dispose();
        }
    }

    private async Task LeaveAllAsync()
    {
        RemoteWorker[] workers;
        lock (_free)
        {
            workers = [.. _free];
            _free.Clear();
        }

        await Task.WhenAll(workers.Select(LeaveAsync)).ConfigureAwait(false);
    }

    private async Task LeaveAsync(RemoteWorker worker)
    {
        await worker.LeaveAsync((kind, data) => _call.Write(new StreamRecord(null, kind, data)), _leaving.Token).ConfigureAwait(false);
        _pool.Return(worker);
    }
}
