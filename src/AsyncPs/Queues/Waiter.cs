namespace AsyncPs.Queues;

/// <summary>
/// A reader or writer that waits in a queue. It is in the queue's list until it is served or canceled. Whichever comes first removes it
/// under the queue's lock, so an item is handed over entirely or not at all.
/// </summary>
/// <typeparam name="T">The result of the wait.</typeparam>
internal sealed class Waiter<T> : TaskCompletionSource<T>
{
    private readonly object _queueLock;
    private readonly LinkedList<Waiter<T>> _list;
    private readonly LinkedListNode<Waiter<T>> _node;
    private CancellationTokenRegistration _cancellation;
    private bool _canceled;
    private bool _served;

    /// <summary>Creates a waiter, which is not in the list yet.</summary>
    public Waiter(object queueLock, LinkedList<Waiter<T>> list)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _queueLock = queueLock;
        _list = list;
        _node = new LinkedListNode<Waiter<T>>(this);
    }

    /// <summary>The item that a writer waits to write.</summary>
    public QueueEntry Entry { get; set; }

    /// <summary>Registers for cancellation. Before <see cref="Enlist"/>, and outside the lock.</summary>
    public void CancelBy(CancellationToken token)
        => _cancellation = token.UnsafeRegister(static (waiter, token) => ((Waiter<T>)waiter!).Cancel(token), this);

    /// <summary>Joins the end of the list, unless it is already canceled. Under the lock.</summary>
    public void Enlist()
    {
        if (!_canceled)
        {
            _list.AddLast(_node);
        }
    }

    /// <summary>Removes and returns the first waiter of a list. Under the lock.</summary>
    public static Waiter<T>? Next(LinkedList<Waiter<T>> list)
    {
        if (list.First is not { } first)
        {
            return null;
        }

        list.RemoveFirst();
        first.Value._served = true;
        return first.Value;
    }

    /// <summary>Notes that there is no need to wait. Under the lock, instead of <see cref="Enlist"/>.</summary>
    public void Spare() => _served = true;

    /// <summary>Completes the wait of a waiter that was removed from the list. Best outside the lock, because it wakes a thread.</summary>
    public void Serve(T result)
    {
        _cancellation.Unregister();
        TrySetResult(result);
    }

    private void Cancel(CancellationToken token)
    {
        lock (_queueLock)
        {
            if (_served)
            {
                return;
            }

            _canceled = true;
            if (_node.List is not null)
            {
                _list.Remove(_node);
            }
        }

        TrySetCanceled(token);
    }
}
