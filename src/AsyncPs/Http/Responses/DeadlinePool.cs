using System.Collections.Concurrent;

namespace AsyncPs.Http.Responses;

/// <summary>The deadlines of a call, as many as requests have been in flight at once.</summary>
internal sealed class DeadlinePool : IDisposable
{
    private readonly ConcurrentQueue<Deadline> _idle = new();
    private bool _disposed;

    /// <summary>Takes one.</summary>
    /// <param name="outer">Ends a step for other reasons: the item's time is over, or the call is stopped.</param>
    public Deadline Rent(CancellationToken outer)
    {
        while (_idle.TryDequeue(out Deadline? idle))
        {
            if (idle.TryBegin(outer))
            {
                return idle;
            }

            idle.Dispose();
        }

        var deadline = new Deadline();
        deadline.TryBegin(outer);
        return deadline;
    }

    /// <summary>Gives it back.</summary>
    public void Return(Deadline deadline)
    {
        if (!deadline.TryEnd())
        {
            deadline.Dispose();
            return;
        }

        _idle.Enqueue(deadline);
        if (Volatile.Read(ref _disposed))
        {
            Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        Clear();
    }

    private void Clear()
    {
        while (_idle.TryDequeue(out Deadline? deadline))
        {
            deadline.Dispose();
        }
    }
}
