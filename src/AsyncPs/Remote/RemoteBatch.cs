using System.Collections;
using System.Diagnostics;
using System.Globalization;
using AsyncPs.Concurrency;
using AsyncPs.Resilience;

namespace AsyncPs.Remote;

/// <summary>Items that a remote worker runs one after another, and their progress.</summary>
/// <param name="items">The items.</param>
/// <param name="haveStarted">Whether the items have been started. If not, each starts at its turn.</param>
internal sealed class RemoteBatch(IReadOnlyList<WorkItem> items, bool haveStarted)
{
    private readonly bool[] _ended = new bool[items.Count];
    private int _left = items.Count;
    private int _started = haveStarted ? items.Count : 0;
    private int _current;
    private bool _failing;
    private ErrorRecord?[]? _failures;
    private long _since;

    /// <summary>The items.</summary>
    public IReadOnlyList<WorkItem> Items => items;

    /// <summary>Whether all have ended.</summary>
    public bool HasEnded => _left == 0;

    /// <summary>The pipeline that it was sent to, or null.</summary>
    public RemotePipeline? SentTo { get; set; }

    /// <summary>How long it has run.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_since);

    /// <summary>The items that have not ended.</summary>
    public IEnumerable<WorkItem> Unended => items.Where((_, place) => !_ended[place]);

    /// <summary>The item that probably runs.</summary>
    public WorkItem Current => items[Math.Max(0, Volatile.Read(ref _started) - 1)];

    /// <summary>The message: a text with the index and attempt of each item, then the inputs.</summary>
    public object?[] Write()
    {
        object?[] written = new object?[items.Count + 1];
        written[0] = string.Join(
            ',', items.Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Index},{AttemptOf(item)}")));
        for (int i = 0; i < items.Count; i++)
        {
            written[i + 1] = items[i].Input;
        }

        return written;

        int AttemptOf(WorkItem item) => (item.State?.Attempt ?? 0) + (haveStarted ? 0 : 1);
    }

    /// <summary>The worker runs this batch from now on.</summary>
    public void Begin()
    {
        _since = Stopwatch.GetTimestamp();
        for (int place = 0; place < _started; place++)
        {
            NoteWorker(items[place]);
        }

        StartTo(0);
    }

    /// <summary>How many records a frame contains.</summary>
    public static int SizeOf(object? frame) => PSObjectExtensions.Unwrap(frame) is IList list ? list.Count : 1;

    /// <summary>Processes what has arrived: a frame, or a record of another stream.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public async ValueTask AcceptAsync(StreamKind kind, object? data, CancellationToken cancellationToken)
    {
        if (kind == StreamKind.Output)
        {
            if (PSObjectExtensions.Unwrap(data) is IList frame)
            {
                await AcceptAsync(frame, cancellationToken).ConfigureAwait(false);
            }

            return;
        }

        if (kind == StreamKind.Error && _failing)
        {
            _failing = false;
            (_failures ??= new ErrorRecord?[items.Count])[_current] = (ErrorRecord)data!;
            return;
        }

        await items[_current].WriteAsync(kind, data).ConfigureAwait(false);
    }

    /// <summary>Ends an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="failure">The failure that ended it, or null.</param>
    public static async ValueTask EndAsync(WorkItem item, Exception? failure)
    {
        bool stopped = false;
        try
        {
            if (failure is not null)
            {
                await item.FailAsync(failure).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The call is being stopped, so the error is not needed.
            stopped = true;
        }

        item.End(stopped);
    }

    /// <summary>Counts all items as started, because they may have run.</summary>
    public void StartAll() => StartTo(items.Count - 1);

    /// <summary>Ends the items that have not ended, because they were stopped.</summary>
    /// <param name="isTimeOver">Whether their time was over.</param>
    public void End(bool isTimeOver)
    {
        for (int place = 0; place < items.Count; place++)
        {
            if (_ended[place])
            {
                continue;
            }

            WorkItem item = items[place];
            if (place >= _started)
            {
                item.EndUnstarted();
                continue;
            }

            if (isTimeOver && !item.State!.IsCanceled)
            {
                item.State.TimeIsOver();
            }

            item.End(stopped: true);
        }
    }

    private async ValueTask AcceptAsync(IList frame, CancellationToken cancellationToken)
    {
        int next = 1;
        string header = (string?)PSObjectExtensions.Unwrap(frame[0]) ?? "";
        for (int at = 0; at < header.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _current = FrameHeader.Read(header, ref at);
            var state = (FrameState)FrameHeader.Read(header, ref at);
            int count = FrameHeader.Read(header, ref at);
            StartTo(_current);
            for (int i = 0; i < count; i++)
            {
                await items[_current].WriteAsync(StreamKind.Output, Arrived.Value(frame[next++])).ConfigureAwait(false);
            }

            _failing = state == FrameState.Failing;
            if (state == FrameState.Ended && !_ended[_current])
            {
                _ended[_current] = true;
                _left--;
                ErrorRecord? failure = _failures?[_current];
                await EndAsync(items[_current], failure is null ? null : ErrorCauses.ExceptionOf(failure)).ConfigureAwait(false);
                StartTo(_current + 1);
            }
        }
    }

    // An item starts when the one before it has ended.
    private void StartTo(int place)
    {
        for (; _started <= place && _started < items.Count; _started++)
        {
            items[_started].TryStart();
            NoteWorker(items[_started]);
        }
    }

    private void NoteWorker(WorkItem item)
    {
        if (item.State is { } state)
        {
            state.Worker = SentTo?.Worker;
        }
    }
}
