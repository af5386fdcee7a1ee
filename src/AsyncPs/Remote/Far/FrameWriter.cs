using System.Text;
using AsyncPs.Concurrency;

namespace AsyncPs.Remote.Far;

/// <summary>
/// Sends the records of a batch's items to the caller: output in frames of many records, and each record of another stream after the
/// entry of its item.
/// </summary>
/// <param name="send">Sends a frame.</param>
/// <param name="write">Writes a record of another stream.</param>
internal sealed class FrameWriter(Action<object?[]> send, Action<StreamRecord> write)
{
    private readonly StringBuilder _header = new();
    private readonly List<object?> _values = [];
    private int _output;
    private int _last = -1;
    private int _place = -1;
    private int _sent = -1;

    /// <summary>How many items have ended.</summary>
    public int Ended { get; private set; }

    /// <summary>Adds a record.</summary>
    public void Write(in StreamRecord record)
    {
        if (record.Kind == StreamKind.Completed)
        {
            var ended = (FarSink)record.Data!;
            TurnTo(ended.Place);
            Close(FrameState.Ended);
            Ended++;
            return;
        }

        if (record.Item?.Sink is not FarSink sink)
        {
            Flush();
            write(record);
            return;
        }

        TurnTo(sink.Place);
        if (record.Kind == StreamKind.Output)
        {
            if (_values.Count == 0)
            {
                // The place of the header.
                _values.Add(null);
            }

            _values.Add(record.Data);
            _output++;
            return;
        }

        bool ends = record.Kind == StreamKind.Error && (ReferenceEquals(record.Data, record.Item.EndedBy)
            || ReferenceEquals(record.Data, record.Item.AwaitError));
        if (ends || _output > 0 || _header.Length > 0 || _sent != sink.Place)
        {
            Close(ends ? FrameState.Failing : FrameState.Running);
            _place = sink.Place;
            Flush();
        }

        write(Bare(record));
    }

    /// <summary>Sends what was added.</summary>
    public void Flush()
    {
        if (_output > 0)
        {
            int place = _place;
            Close(FrameState.Running);
            _place = place;
        }

        if (_header.Length > 0)
        {
            _sent = _last;
            object?[] frame = _values.Count == 0 ? [null] : [.. _values];
            frame[0] = _header.ToString();
            _header.Clear();
            _values.Clear();
            send(frame);
        }
    }

    /// <summary>Sends a sign of life: a frame without entries.</summary>
    public void Beat() => send([""]);

    private void TurnTo(int place)
    {
        if (_place != place && _output > 0)
        {
            Close(FrameState.Running);
        }

        _place = place;
    }

    private void Close(FrameState state)
    {
        FrameHeader.Add(_header, _place, state, _output);
        _last = _place;
        _output = 0;
        _place = -1;
    }

    // The item as the target of an error means the caller's object, not the copy here.
    private static StreamRecord Bare(in StreamRecord record)
    {
        if (record.Kind == StreamKind.Error)
        {
            ErrorRecord error = ItemErrors.FromWritten((ErrorRecord)record.Data!, record.Item!);
            if (ReferenceEquals(error.TargetObject, record.Item!.Input))
            {
                EngineInternals.SetTargetObject?.Invoke(error, null);
            }
        }

        return record with { Item = null };
    }
}
