using System.Collections.Concurrent;

namespace AsyncPs.Http.Responses;

/// <summary>The deadlines of a call: one for each request that was in flight at the same time.</summary>
internal sealed class DeadlinePool : IDisposable
{
    private readonly ConcurrentQueue<Deadline> _idle = new();
    private bool _disposed;

    /// <summary>Takes a deadline.</summary>
    /// <param name="outer">Ends a step for other reasons: the item times out, or the call is stopped.</param>
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

    /// <summary>Returns a deadline.</summary>
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
