namespace AsyncPs.Concurrency.Awaiting;

/// <summary>
/// Those of a call's items that wait for a task, so that the end of the call ends their waiting. Ten thousand may: the list runs
/// through them, where a registration for each would be one more object to keep.
/// </summary>
/// <param name="canceling">The end of the call.</param>
internal sealed class PendingOutputs(CancellationToken canceling)
{
    private readonly object _lock = new();
    private AwaitedOutput? _last;
    private bool _isWatching;
    private bool _isOver;

    /// <summary>
    /// Adds one that begins to wait; <see cref="AwaitedOutput.Cancel"/> is called if the call ends before <see cref="Remove"/>.
    /// </summary>
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

    /// <summary>Takes one out whose task has ended.</summary>
    /// <returns>False when the end of the call was first.</returns>
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
