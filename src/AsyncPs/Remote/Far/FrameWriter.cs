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
    private readonly List<object?> _frame = [];
    private readonly List<object?> _output = [];
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
            _output.Add(record.Data);
            return;
        }

        bool ends = record.Kind == StreamKind.Error && (ReferenceEquals(record.Data, record.Item.EndedBy)
            || ReferenceEquals(record.Data, record.Item.AwaitError));
        if (ends || _output.Count > 0 || _frame.Count > 0 || _sent != sink.Place)
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
        if (_output.Count > 0)
        {
            int place = _place;
            Close(FrameState.Running);
            _place = place;
        }

        if (_frame.Count > 0)
        {
            _sent = (int)_frame[^3]!;
            send([.. _frame]);
            _frame.Clear();
        }
    }

    private void TurnTo(int place)
    {
        if (_place != place && _output.Count > 0)
        {
            Close(FrameState.Running);
        }

        _place = place;
    }

    private void Close(FrameState state)
    {
        _frame.Add(_place);
        _frame.Add((int)state);
        _frame.Add(_output.Count == 0 ? null : _output.ToArray());
        _output.Clear();
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
