using System.Buffers;

namespace AsyncPs.Web.Answers;

/// <summary>
/// The body of an answer on its way from the thread that writes it to the connection. It is kept up to a limit; then, or as soon as
/// each part is to leave, it is sent while more is written, and the writer waits while the client does not take it.
/// </summary>
internal sealed class OutgoingBytes
{
    private const int Most = 64 * 1024;

    private readonly object _lock = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ArrayBufferWriter<byte> _filling = new(256);
    private ArrayBufferWriter<byte>? _spare;
    private TaskCompletionSource? _arrival;
    private TaskCompletionSource? _room;
    private bool _leaves;
    private bool _complete;
    private bool _broken;

    /// <summary>Ends when the body is there as a whole, or begins to leave.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Whether it leaves before it is whole.</summary>
    public bool Leaves
    {
        get
        {
            lock (_lock)
            {
                return _leaves;
            }
        }
    }

    /// <summary>How many bytes are kept.</summary>
    public int Count => _filling.WrittenCount;

    /// <summary>What is there of a body that does not leave before it is whole.</summary>
    public ReadOnlyMemory<byte> Whole => _filling.WrittenMemory;

    /// <summary>Writes a part.</summary>
    /// <param name="write">Writes it; not for long.</param>
    /// <param name="leaves">Whether it is to leave at once.</param>
    /// <param name="mayLeave">Whether it may leave when much is there.</param>
    /// <returns>What the writer has to wait for, or null.</returns>
    public Task? Write(Action<ArrayBufferWriter<byte>> write, bool leaves, bool mayLeave)
    {
        TaskCompletionSource? arrival = null;
        Task? room = null;
        lock (_lock)
        {
            if (_broken)
            {
                throw new OperationCanceledException();
            }

            write(_filling);
            bool isMuch = _filling.WrittenCount >= Most;
            _leaves |= leaves || (mayLeave && isMuch);
            if (_leaves)
            {
                (arrival, _arrival) = (_arrival, null);
                room = isMuch ? (_room ??= New()).Task : null;
            }
        }

        if (_leaves)
        {
            _ready.TrySetResult();
            arrival?.TrySetResult();
        }

        return room;
    }

    /// <summary>Begins to send, even if nothing is there yet.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _leaves = true;
        }

        _ready.TrySetResult();
    }

    /// <summary>Nothing more will be written.</summary>
    public void Complete()
    {
        TaskCompletionSource? arrival;
        lock (_lock)
        {
            _complete = true;
            (arrival, _arrival) = (_arrival, null);
        }

        _ready.TrySetResult();
        arrival?.TrySetResult();
    }

    /// <summary>Nobody takes it any more: who writes is told.</summary>
    public void Break()
    {
        TaskCompletionSource? room;
        lock (_lock)
        {
            _broken = true;
            (room, _room) = (_room, null);
        }

        room?.TrySetException(new OperationCanceledException());
        room?.Task.Forget();
    }

    /// <summary>Takes what has been written since the last time. One reader.</summary>
    /// <returns>Nothing when the body has ended. What is returned is valid until the next call.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task? arrival = null;
            TaskCompletionSource? room = null;
            lock (_lock)
            {
                if (_filling.WrittenCount > 0 || _complete)
                {
                    ArrayBufferWriter<byte> full = _filling;
                    _filling = _spare ?? new ArrayBufferWriter<byte>(Most);
                    _filling.ResetWrittenCount();
                    _spare = full;
                    (room, _room) = (_room, null);
                }
                else
                {
                    arrival = (_arrival = New()).Task;
                }
            }

            // An arrival may be over already, but then it has yet to be taken.
            if (arrival is null)
            {
                room?.TrySetResult();
                return _spare!.WrittenMemory;
            }

            await arrival.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
