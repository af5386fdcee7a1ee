using AsyncPs.Concurrency;

namespace AsyncPs.Remote;

/// <summary>
/// Runs items of a call in a remote worker, one batch at a time. The worker may have the next batch before it finishes the current one, so
/// that it does not wait. If it is lost, only the items of the current batch are lost; the others go to the next worker.
/// </summary>
internal sealed class RemoteLoop
{
    // A block that ends every process would otherwise run forever.
    private const int MaxLosses = 3;

    // The number of records of short items that are written together.
    private const int WrittenAtOnce = 32;

    private readonly RemoteTeam _team;
    private readonly ConcurrentCall _call;
    private readonly AsyncItemConsumer _consumer = new();
    private readonly List<RemoteBatch> _dealt = [];
    private readonly Dictionary<WorkItem, int> _losses = [];
    private RemoteTarget _target;
    private bool _isGuest;
    private RemoteWorker? _worker;
    private RemoteBatch? _running;
    private long _since;

    /// <summary>Creates a loop.</summary>
    /// <param name="team">The remote workers of the call.</param>
    /// <param name="call">The call.</param>
    /// <param name="target">Where its workers run.</param>
    public RemoteLoop(RemoteTeam team, ConcurrentCall call, RemoteTarget target)
    {
        _team = team;
        _call = call;
        _target = target;
    }

    /// <summary>The item that it runs and since when, or null.</summary>
    public RunningItem? Running
        => Volatile.Read(ref _running) is { } batch ? new RunningItem(batch.Current, Volatile.Read(ref _since)) : null;

    /// <summary>Whether it waits for a worker to start.</summary>
    public bool IsOpening { get; private set; }

    /// <summary>Runs items until there are no more.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (await DealAsync().ConfigureAwait(false))
            {
                await RunFirstAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            await LeaveAsync().ConfigureAwait(false);
        }
    }

    // False when there are no more items.
    private async ValueTask<bool> DealAsync()
    {
        if (_isGuest)
        {
            // It runs only what it already had: that machine has its own workers.
            return _dealt.Count > 0;
        }

        while (_dealt.Count == 0)
        {
            if (await _call.Queue.TakeAsync(_consumer).ConfigureAwait(false) is not { } item)
            {
                return false;
            }

            Deal(item);
        }

        while (_dealt.Count < _team.Size.Batches && _call.Queue.TryTake(out WorkItem? item))
        {
            Deal(item);
        }

        return true;
    }

    private void Deal(WorkItem first)
    {
        List<WorkItem> items = [];
        AddIfReady(items, first);

        // Share the last items among all workers.
        int most = _team.DealsSingly ? 1 : Math.Clamp(_call.Queue.Count / _team.Limit, 1, _team.Size.Items);
        while (items.Count < most && _call.Queue.TryTake(out WorkItem? item))
        {
            AddIfReady(items, item);
        }

        _team.Took();
        if (items.Count > 0)
        {
            _dealt.Add(new RemoteBatch(items, haveStarted: _team.DealsSingly));
        }
    }

    private void AddIfReady(List<WorkItem> items, WorkItem item)
    {
        // An item that needs a permit is put aside. Other items start at their turn.
        if (_team.DealsSingly && !item.TryStart())
        {
            return;
        }

        if (item.State?.FailureToJudge is { } failure)
        {
            _ = JudgeAsync(item, failure);
            return;
        }

        items.Add(item);
    }

    private CancellationToken TokenOf(RemoteBatch batch)
        => _call.Options.ItemTimeout is null && !_call.Options.Detached ? _call.CancellationToken : batch.Items[0].State!.Token;

    private static async Task JudgeAsync(WorkItem item, ErrorRecord failure)
    {
        bool stopped = false;
        CancellationToken token = item.State!.Token;
        try
        {
            await AsyncLoops.JudgeAsync(item, failure, token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            stopped = true;
        }
        catch (Exception e)
        {
            await RemoteBatch.EndAsync(item, e).ConfigureAwait(false);
            return;
        }

        item.End(stopped);
    }

    private async Task RunFirstAsync()
    {
        RemoteBatch batch = _dealt[0];
        CancellationToken token = TokenOf(batch);
        try
        {
            await RunAsync(batch, token).ConfigureAwait(false);
        }
        catch (RemoteLossException loss)
        {
            await LoseAsync(batch, loss).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            bool isTimeOver = _call.Options.ItemTimeout is not null && !_call.CancellationToken.IsCancellationRequested;
            _dealt.ForEach(dealt => dealt.End(isTimeOver));
            _dealt.Clear();
        }
        finally
        {
            Volatile.Write(ref _running, null);
        }
    }

    private async Task RunAsync(RemoteBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            RemoteWorker worker = await HaveWorkerAsync(cancellationToken).ConfigureAwait(false);
            RemotePipeline pipeline = worker.PipelineOf(_team.Remote);
            foreach (RemoteBatch dealt in _dealt.Where(dealt => dealt.SentTo != pipeline))
            {
                pipeline.Send(dealt);
            }

            batch.Begin();
            Volatile.Write(ref _since, Environment.TickCount64);
            Volatile.Write(ref _running, batch);
            await pipeline.RunAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch (RemoteCallException failure) when (failure.IsOfPlace)
        {
            if (await _team.GiveUpAsync(_target, failure, batch.Current).ConfigureAwait(false) is { } other)
            {
                _target = other;
                _isGuest = true;
                return;
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        }
        catch (RemoteCallException failure)
        {
            await _call.FailAsync(failure.InnerException!).ConfigureAwait(false);

            // The items end with the call.
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        }

        _dealt.RemoveAt(0);
        _team.Note(batch);
        if (batch.Items.Count > 1)
        {
            _call.Output.Batch = WrittenAtOnce;
            _call.Output.InBatches = true;
        }
    }

    private async Task<RemoteWorker> HaveWorkerAsync(CancellationToken cancellationToken)
    {
        if (_worker is { IsUsable: false } dead)
        {
            _worker = null;
            dead.Dispose();
        }

        if (_worker is null)
        {
            IsOpening = true;
            try
            {
                _worker = await _team.GetWorkerAsync(_target, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                IsOpening = false;
            }
        }

        return _worker;
    }

    // It ran the first batch, so it has not begun the others.
    private async Task LoseAsync(RemoteBatch batch, RemoteLossException loss)
    {
        _worker?.Dispose();
        _worker = null;
        _team.Size.Reset();
        batch.StartAll();
        List<RemoteBatch> again = [];
        Exception? error = null;
        foreach (WorkItem item in batch.Unended.ToArray())
        {
            int losses = _losses.GetValueOrDefault(item) + 1;
            if (_call.Options.RetriesLost && losses <= MaxLosses)
            {
                // One at a time, because perhaps only one of them is the cause.
                _losses[item] = losses;
                item.State!.Reset();
                again.Add(new RemoteBatch([item], haveStarted: true));
            }
            else
            {
                _losses.Remove(item);
                error ??= await RemoteErrors.WorkerLostAsync(loss, _call.Options.RetriesLost).ConfigureAwait(false);
                await RemoteBatch.EndAsync(item, error).ConfigureAwait(false);
            }
        }

        _dealt.RemoveAt(0);
        _dealt.InsertRange(0, again);
    }

    private async Task LeaveAsync()
    {
        if (_worker is { } worker)
        {
            _worker = null;
            await _team.ReturnAsync(worker).ConfigureAwait(false);
        }
    }
}
