namespace AsyncPs.Concurrency.Awaiting;

/// <summary>
/// The items of a call that wait for a task, so that the end of the call can cancel the waits. There may be ten thousand: the items
/// are linked into a list, because a token registration for each would be one more object.
/// </summary>
/// <param name="canceling">Canceled at the end of the call.</param>
internal sealed class PendingOutputs(CancellationToken canceling)
{
    private readonly object _lock = new();
    private AwaitedOutput? _last;
    private bool _isWatching;
    private bool _isOver;

    /// <summary>Adds an item that starts to wait. If the call ends first, <see cref="AwaitedOutput.Cancel"/> is called.</summary>
    /// <returns>False when the call has ended.</returns>
    public bool TryAdd(AwaitedOutput output)
    {
        lock (_lock)
        {
            if (!_isWatching)
            {
                _isWatching = true;
                _ = canceling.UnsafeRegister(static pending => ((PendingOutputs)pending!).CancelAll(), this);
            }

            if (_isOver)
            {
                return false;
            }

            if (_last is not null)
            {
                _last.Next = output;
            }

            output.IsPending = true;
            output.Previous = _last;
            _last = output;
            return true;
        }
    }

    /// <summary>Removes an item whose task has ended.</summary>
    /// <returns>False when the call ended first.</returns>
    public bool Remove(AwaitedOutput output)
    {
        lock (_lock)
        {
            if (!output.IsPending)
            {
                return false;
            }

            if (output.Next is null)
            {
                _last = output.Previous;
            }
            else
            {
                output.Next.Previous = output.Previous;
            }

            if (output.Previous is not null)
            {
                output.Previous.Next = output.Next;
            }

            Unlink(output);
            return true;
        }
    }

    /// <summary>Adds the items that wait.</summary>
    public void AddTo(List<RunningItem> found)
    {
        lock (_lock)
        {
            for (AwaitedOutput? output = _last; output is not null; output = output.Previous)
            {
                found.Add(new RunningItem(output.Item, output.Since));
            }
        }
    }

    private static AwaitedOutput? Unlink(AwaitedOutput output)
    {
        AwaitedOutput? previous = output.Previous;
        output.IsPending = false;
        output.Previous = output.Next = null;
        return previous;
    }

    private void CancelAll()
    {
        List<AwaitedOutput> pending = [];
        lock (_lock)
        {
            _isOver = true;
            while (_last is not null)
            {
                pending.Add(_last);
                _last = Unlink(_last);
            }
        }

        pending.ForEach(static output => output.Cancel());
    }
}
