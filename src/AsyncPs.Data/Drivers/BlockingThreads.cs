namespace AsyncPs.Data.Drivers;

/// <summary>
/// A limited number of threads for blocking calls. They are started on demand and end when they were idle for a while. Code that awaits on
/// one of them continues on one of them, and holds none meanwhile.
/// </summary>
/// <param name="name">The name of the threads.</param>
/// <param name="limit">The largest number of threads.</param>
internal sealed class BlockingThreads(string name, int limit) : TaskScheduler
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    private readonly object _lock = new();
    private readonly Queue<Task> _tasks = new();
    private int _threads;
    private int _sleepers;

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel => limit;

    /// <inheritdoc/>
    protected override void QueueTask(Task task)
    {
        lock (_lock)
        {
            _tasks.Enqueue(task);
            if (_sleepers >= _tasks.Count || _threads == limit)
            {
                Monitor.Pulse(_lock);
                return;
            }

            _threads++;
        }

        Guarded.Start(name, Run);
    }

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_lock)
        {
            return [.. _tasks];
        }
    }

    private void Run()
    {
        while (Take() is { } task)
        {
            TryExecuteTask(task);
        }
    }

    private Task? Take()
    {
        lock (_lock)
        {
            while (_tasks.Count == 0)
            {
                _sleepers++;
                bool pulsed = Monitor.Wait(_lock, Idle);
                _sleepers--;
                if (!pulsed && _tasks.Count == 0)
                {
                    _threads--;
                    return null;
                }
            }

            return _tasks.Dequeue();
        }
    }
}
