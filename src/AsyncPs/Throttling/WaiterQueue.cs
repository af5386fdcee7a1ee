namespace AsyncPs.Throttling;

/// <summary>
/// The callers that wait for a permit, in order. The code that removes a waiter from the queue decides how its wait ends, so a permit is
/// either granted or not, and never lost.
/// </summary>
/// <param name="gate">The lock of the queue's owner, under which its members are called.</param>
internal sealed class WaiterQueue(object gate)
{
    private readonly LinkedList<Waiter> _waiters = [];

    /// <summary>The number of waiters.</summary>
    public int Count => _waiters.Count;

    /// <summary>Waits behind all current waiters.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the permit is granted, and fails when the limiter is disposed.</returns>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        var waiter = new Waiter(this);
        _waiters.AddLast(waiter.Node);
        waiter.CancelWith(cancellationToken);
        return waiter.Task;
    }

    /// <summary>Grants a permit to the waiter that has waited longest.</summary>
    /// <returns>False when there is no waiter.</returns>
    public bool TryGrant()
    {
        if (_waiters.First is not { } first)
        {
            return false;
        }

        _waiters.Remove(first);
        first.Value.Grant();
        return true;
    }

    /// <summary>Fails all waiters, because the limiter was disposed.</summary>
    public void FailAll()
    {
        while (_waiters.First is { } first)
        {
            _waiters.Remove(first);
            first.Value.Fail();
        }
    }

    private void Cancel(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (waiter.Node.List is not null)
            {
                _waiters.Remove(waiter.Node);
                waiter.TrySetCanceled(cancellationToken);
            }
        }
    }

    /// <summary>A caller that waits.</summary>
    private sealed class Waiter : TaskCompletionSource
    {
        private readonly WaiterQueue _queue;
        private CancellationTokenRegistration _registration;

        public Waiter(WaiterQueue queue)
            : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
            _queue = queue;
            Node = new LinkedListNode<Waiter>(this);
        }

        public LinkedListNode<Waiter> Node { get; }

        public void CancelWith(CancellationToken cancellationToken)
            => _registration = cancellationToken.UnsafeRegister(
                static (waiter, token) => ((Waiter)waiter!)._queue.Cancel((Waiter)waiter!, token), this);

        public void Grant()
        {
            _registration.Unregister();
            SetResult();
        }

        public void Fail()
        {
            _registration.Unregister();
            SetException(ThrottleErrors.ThrottleDisposed());
        }
    }
}
