using System.Buffers;

namespace AsyncPs.Web.Answers;

/// <summary>
/// The body of an answer between the thread that writes it and the connection. It is kept up to a limit. Beyond it, or as soon as each part
/// must be sent, it is sent while more is written, and the writer waits for a slow client.
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

    /// <summary>Completes when the body is complete, or starts to be sent.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Whether it is sent before it is complete.</summary>
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

    /// <summary>The content so far of a body that is sent as a whole.</summary>
    public ReadOnlyMemory<byte> Whole => _filling.WrittenMemory;

    /// <summary>Writes a part.</summary>
    /// <param name="write">Writes it, quickly.</param>
    /// <param name="leaves">Whether it must be sent at once.</param>
    /// <param name="mayLeave">Whether it may be sent if the body is large.</param>
    /// <returns>A task that the writer waits for, or null.</returns>
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

    /// <summary>Starts to send, even if there is nothing yet.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _leaves = true;
        }

        _ready.TrySetResult();
    }

    /// <summary>Notes that nothing more will be written.</summary>
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

    /// <summary>Notes that the body is no longer read: the writer gets an error.</summary>
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

    /// <summary>Takes what was written since the last call. One reader.</summary>
    /// <returns>Empty at the end of the body. The memory is valid until the next call.</returns>
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

            // An arrival may have completed already, but its bytes are still to be taken.
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
