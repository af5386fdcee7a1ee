namespace AsyncPs.Throttling;

/// <summary>
/// Those who wait for a permit, in the order of asking. Whoever takes a waiter out of the queue decides how its waiting ends, so a
/// permit is given or not, never lost.
/// </summary>
/// <param name="gate">The lock of whoever owns the queue; its members are called under it.</param>
internal sealed class WaiterQueue(object gate)
{
    private readonly LinkedList<Waiter> _waiters = [];

    /// <summary>How many wait.</summary>
    public int Count => _waiters.Count;

    /// <summary>Waits, after all who wait already.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Ends when the permit is granted; faults when the limiter is disposed.</returns>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        var waiter = new Waiter(this);
        _waiters.AddLast(waiter.Node);
        waiter.CancelWith(cancellationToken);
        return waiter.Task;
    }

    /// <summary>Grants a permit to the one who has waited longest.</summary>
    /// <returns>False when nobody waits.</returns>
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

    /// <summary>Fails all who wait: the limiter was disposed.</summary>
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

    /// <summary>Somebody who waits.</summary>
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
