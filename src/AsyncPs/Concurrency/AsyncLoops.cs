using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency;

/// <summary>
/// Runs the items of a call on asynchronous loops, up to one per item in flight: thousands of items wait on a few threads.
/// A loop is started when an item finds no idle one.
/// </summary>
/// <param name="call">The call.</param>
/// <param name="job">What to do with an item.</param>
/// <param name="limit">The largest number of loops.</param>
internal sealed class AsyncLoops(ConcurrentCall call, IAsyncJob job, int limit) : IWorkRunner
{
    // Records per batch. With fewer, the wake-up costs more per record; more do not arrive in the time that a batch waits.
    private const int Batch = 32;

    private readonly object _lock = new();
    private readonly HashSet<AsyncItemConsumer> _consumers = [];
    private int _loops;
    private int _starting;
    private int _ended;
    private long _countedAt;

    /// <summary>How long a stopped call waits for the next of its loops to end. Default: the grace period of a stop.</summary>
    public TimeSpan WaitLimit { get; init; } = StopTimes.Grace;

    /// <inheritdoc/>
    public void Added()
    {
        if (call.Queue.Sleepers == 0)
        {
            StartLoop();
        }
    }

    /// <inheritdoc/>
    /// <remarks>Loops without an item end by themselves.</remarks>
    public bool HasEnded => true;

    /// <inheritdoc/>
    public void Stop()
    {
        // Everything that is awaited has the call's token.
    }

    /// <inheritdoc/>
    public void Stop(WorkItem item)
    {
        // Everything that is awaited has the item's token.
    }

    /// <inheritdoc/>
    public void AddRunning(List<RunningItem> running)
    {
        lock (_lock)
        {
            running.AddRange(_consumers
                .Select(static consumer => new RunningItem(consumer.Item!, consumer.Since))
                .Where(static run => run.Item is not null));
        }
    }

    /// <inheritdoc/>
    public string? Describe(WorkItem item) => job.Describe(item);

    /// <inheritdoc/>
    public void WaitForEnd()
    {
        lock (_lock)
        {
            while (_loops > 0 && Monitor.Wait(_lock, WaitLimit))
            {
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => job.Dispose();

    /// <summary>Asks the caller's filter block about the failure of an item.</summary>
    public static async ValueTask JudgeAsync(WorkItem item, ErrorRecord failure, CancellationToken cancellationToken)
    {
        object? verdict = await item.Call.Options.RetryBlock!.AskAsync(item, failure, [], cancellationToken).ConfigureAwait(false);
        item.State!.Judge(LanguagePrimitives.IsTrue(verdict));
    }

    // Several places that become free at the same time may have woken only one loop.
    private void WakeOrStartLoop()
    {
        if (call.Queue.Sleepers > 0)
        {
            call.Queue.WakeOne();
        }
        else
        {
            StartLoop();
        }
    }

    // Each loop starts the next one when it has an item. Thousands at once would keep the thread pool's queue full, and the pool
    // would add threads to a busy machine.
    private void StartLoop()
    {
        lock (_lock)
        {
            if (_loops == limit || _starting >= Environment.ProcessorCount)
            {
                return;
            }

            _loops++;
            _starting++;
        }

        _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        var consumer = new AsyncItemConsumer();
        try
        {
            lock (_lock)
            {
                _starting--;
                _consumers.Add(consumer);
            }

            while (await call.Queue.TakeAsync(consumer).ConfigureAwait(false) is { } item)
            {
                if (call.Queue.Takeable > 0)
                {
                    WakeOrStartLoop();
                }

                consumer.Item = item;
                await RunAsync(item).ConfigureAwait(false);
                consumer.Item = null;
                CountEnd();
            }
        }
        catch (Exception e)
        {
            call.Fail(e);
        }
        finally
        {
            lock (_lock)
            {
                _loops--;
                _consumers.Remove(consumer);
                Monitor.PulseAll(_lock);
            }
        }
    }

    // Items that end in quick succession are written in batches: waking the pipeline thread for each costs as much as a request.
    private void CountEnd()
    {
        if (Interlocked.Increment(ref _ended) % Batch == 0)
        {
            long now = Stopwatch.GetTimestamp();
            long before = Interlocked.Exchange(ref _countedAt, now);
            if (Stopwatch.GetElapsedTime(before, now) < OutputBuffer.BatchDelay)
            {
                call.Output.Batch = Batch;
                call.Output.InBatches = true;
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask RunAsync(WorkItem item)
    {
        if (!item.TryStart())
        {
            return;
        }

        bool stopped = false;
        try
        {
            if (item.State?.Span is { } span)
            {
                // As long as this method runs.
                Activity.Current = span;
            }

            CancellationToken token = call.Options.ItemTimeout is null && !call.Options.Detached
                ? call.CancellationToken
                : item.State!.Token;
            try
            {
                if (item.State?.FailureToJudge is { } failure)
                {
                    await JudgeAsync(item, failure, token).ConfigureAwait(false);
                }
                else
                {
                    await job.RunAttemptAsync(item, token).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !token.IsCancellationRequested)
            {
                await item.FailAsync(e).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            stopped = true;
            if (call.Options.ItemTimeout is not null && !call.CancellationToken.IsCancellationRequested && !item.State!.IsCanceled)
            {
                item.State!.TimeIsOver();
            }
        }
        finally
        {
            item.End(stopped);
        }
    }
}
