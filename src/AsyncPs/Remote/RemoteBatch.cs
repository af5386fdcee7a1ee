using System.Collections;
using AsyncPs.Concurrency;

namespace AsyncPs.Remote;

/// <summary>Items that a remote worker runs one after another, and their progress.</summary>
/// <param name="items">The items.</param>
internal sealed class RemoteBatch(params WorkItem[] items)
{
    private readonly bool[] _ended = new bool[items.Length];
    private int _left = items.Length;
    private int _current;
    private bool _failing;

    /// <summary>The items.</summary>
    public IReadOnlyList<WorkItem> Items => items;

    /// <summary>Whether all have ended.</summary>
    public bool HasEnded => _left == 0;

    /// <summary>The error that ended an item early, or null.</summary>
    public ErrorRecord? FailureOf(int place) => _failures?[place];

    private ErrorRecord?[]? _failures;

    /// <summary>Whether an item has ended.</summary>
    public bool IsEnded(int place) => _ended[place];

    /// <summary>Called when one of several items has ended.</summary>
    public Action<int>? Ended { get; init; }

    /// <summary>The data to send: index, attempt and input of each item.</summary>
    public object?[] Write()
    {
        object?[] written = new object?[items.Length * 3];
        for (int i = 0; i < items.Length; i++)
        {
            written[i * 3] = items[i].Index;
            written[(i * 3) + 1] = items[i].State?.Attempt ?? 1;
            written[(i * 3) + 2] = items[i].Input;
        }

        return written;
    }

    /// <summary>How many records a frame contains.</summary>
    public static int SizeOf(object? frame)
    {
        int size = 1;
        if (PSObjectExtensions.Unwrap(frame) is IList entries)
        {
            for (int i = 2; i < entries.Count; i += 3)
            {
                size += PSObjectExtensions.Unwrap(entries[i]) is IList output ? output.Count : 0;
            }
        }

        return size;
    }

    /// <summary>Processes what has arrived: a frame, or a record of another stream.</summary>
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
            (_failures ??= new ErrorRecord?[items.Length])[_current] = (ErrorRecord)data!;
            return;
        }

        await items[_current].WriteAsync(kind, data).ConfigureAwait(false);
    }

    private async ValueTask AcceptAsync(IList frame, CancellationToken cancellationToken)
    {
        for (int i = 0; i + 2 < frame.Count; i += 3)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _current = LanguagePrimitives.ConvertTo<int>(frame[i]);
            var state = (FrameState)LanguagePrimitives.ConvertTo<int>(frame[i + 1]);
            if (PSObjectExtensions.Unwrap(frame[i + 2]) is IList output)
            {
                foreach (object? value in output)
                {
                    await items[_current].WriteAsync(StreamKind.Output, Arrived.Value(value)).ConfigureAwait(false);
                }
            }

            _failing = state == FrameState.Failing;
            if (state == FrameState.Ended && !_ended[_current])
            {
                _ended[_current] = true;
                _left--;
                Ended?.Invoke(_current);
            }
        }
    }
}
