using System.Management.Automation.Runspaces;
using AsyncPs.Concurrency;

namespace AsyncPs.Jobs;

/// <content>The job as an item of the engine: its records and its progress.</content>
public sealed partial class ThrottledJob : IItemSink
{
    /// <summary>The group that the job belongs to, or null.</summary>
    internal TaskGroup? Group { get; private set; }

    /// <summary>
    /// Completes when the job has output or an error to receive. Records of the other streams are received along with it.
    /// </summary>
    internal Task Arrival => System.Threading.Tasks.Task.WhenAny(_output.Arrival, _error.Arrival);

    /// <summary>Takes everything that the job has written so far.</summary>
    internal IEnumerable<StreamRecord> Take()
    {
        foreach ((StreamKind kind, IEnumerable<object?> records) in new (StreamKind, IEnumerable<object?>)[]
        {
            (StreamKind.Progress, Progress.ReadAll()),
            (StreamKind.Debug, Debug.ReadAll()),
            (StreamKind.Verbose, Verbose.ReadAll()),
            (StreamKind.Information, Information.ReadAll()),
            (StreamKind.Warning, Warning.ReadAll()),
            (StreamKind.Output, _output.ReadAll()),
            (StreamKind.Error, _error.ReadAll()),
        })
        {
            foreach (object? record in records)
            {
                yield return new StreamRecord(null, kind, record);
            }
        }
    }

    /// <summary>Makes the job part of a call, whose failures end it.</summary>
    internal void Join(JobCall call) => _call = call;

    /// <summary>Makes the job an item of its call, unless the call has just failed.</summary>
    internal void Begin(Func<WorkItem> start)
    {
        lock (_lock)
        {
            if (_over)
            {
                return;
            }
        }

        Group = _call!.Call.Scope as TaskGroup;
        bool stop = Group?.Add(this) == false;
        WorkItem item = start();
        lock (_lock)
        {
            _item = item;
            _stopRequested |= stop;
            stop = _stopRequested;
        }

        if (stop)
        {
            item.Cancel();
        }
    }

    /// <summary>Ends the job, because something that all jobs of the call depend on has failed.</summary>
    internal void Fail(Exception exception)
    {
        ErrorRecord failure = CallErrors.CallFailed(exception);
        lock (_lock)
        {
            if (_over)
            {
                return;
            }

            EndedBy = failure;
        }

        Finish(JobState.Failed, failure.Exception);
    }

    /// <inheritdoc/>
    bool IItemSink.OutlivesStop => true;

    /// <inheritdoc/>
    void IItemSink.Started()
    {
        lock (_lock)
        {
            // The worker's runspace; null for a request.
            _runspace = Runspace.DefaultRunspace;
        }

        TrySetState(JobState.Running);
    }

    /// <inheritdoc/>
    void IItemSink.Write(in StreamRecord record)
    {
        while (IsFull(record, out Task? room))
        {
            TrySetState(JobState.Blocked);
            using (ItemWait.Begin())
            {
                room.WaitAsync(record.Item!.State!.Token).GetAwaiter().GetResult();
            }

            TrySetState(JobState.Running);
        }

        Add(record);
    }

    /// <inheritdoc/>
    async ValueTask IItemSink.WriteAsync(StreamRecord record)
    {
        while (IsFull(record, out Task? room))
        {
            TrySetState(JobState.Blocked);
            await room.WaitAsync(record.Item!.State!.Token).ConfigureAwait(false);
            TrySetState(JobState.Running);
        }

        Add(record);
    }

    /// <inheritdoc/>
    bool IItemSink.TryAddFailure(ErrorRecord error) => Group?.TryAddFailure(error) == true;

    /// <inheritdoc/>
    void IItemSink.Ended(ConcurrentStatus status)
    {
        if (status == ConcurrentStatus.TimedOut)
        {
            EndedBy = JobErrors.JobTimedOut(_item!, Name);
        }

        bool stopped = Volatile.Read(ref _stopRequested)
            ? status == ConcurrentStatus.Canceled || EndedBy?.Exception is OperationCanceledException
            : status == ConcurrentStatus.Canceled && EndedBy is null;
        if (stopped)
        {
            EndedBy = null;
            Finish(JobState.Stopped, reason: null);
        }
        else if (EndedBy is { } failure)
        {
            Finish(JobState.Failed, failure.Exception);
        }
        else
        {
            Finish(JobState.Completed, reason: null);
        }
    }

    /// <inheritdoc/>
    void IItemSink.Left()
    {
        JobDebugger? debugger;
        lock (_lock)
        {
            (debugger, _debugger, _runspace) = (_debugger, null, null);
        }

        debugger?.Detach();
    }

    private bool IsFull(in StreamRecord record, [NotNullWhen(true)] out Task? room)
    {
        room = null;
        return record.Kind switch
        {
            StreamKind.Output => _output.IsFull(out room),
            StreamKind.Error when !IsEnding(record.Item!, record.Data) => _error.IsFull(out room),
            _ => false,
        };
    }

    private void Add(in StreamRecord record)
    {
        if (Volatile.Read(ref _over))
        {
            return;
        }

        switch (record.Kind)
        {
            case StreamKind.Output:
                _output.Add(record.Data is null ? null! : PSObject.AsPSObject(record.Data));
                break;
            case StreamKind.Error:
                AddError(record.Item!, (ErrorRecord)record.Data!);
                break;
            default:
                AddOther(record);
                break;
        }
    }

    // The error that ends the job is written once: by Receive-Job, from the job's state.
    private void AddError(WorkItem item, ErrorRecord error)
    {
        if (IsEnding(item, error))
        {
            EndedBy = error;
        }
        else
        {
            _error.Add(ItemErrors.FromWritten(error, item));
        }
    }

    private bool IsEnding(WorkItem item, object? error)
        => EndedBy is null && (ReferenceEquals(error, item.EndedBy) || ReferenceEquals(error, item.AwaitError));

    private void AddOther(in StreamRecord record)
    {
        switch (record.Kind)
        {
            case StreamKind.Warning:
                AddBounded(Warning, (WarningRecord)record.Data!);
                break;
            case StreamKind.Verbose:
                AddBounded(Verbose, (VerboseRecord)record.Data!);
                break;
            case StreamKind.Debug:
                AddBounded(Debug, (DebugRecord)record.Data!);
                break;
            case StreamKind.Information:
                AddBounded(Information, (InformationRecord)record.Data!);
                break;
            case StreamKind.Host:
                // There is no host until the job is received.
                if (((HostText)record.Data!).ToInformation(Name) is { } text)
                {
                    AddBounded(Information, text);
                }

                break;
            case StreamKind.Progress:
                AddBounded(Progress, (ProgressRecord)record.Data!);
                break;
        }
    }

    // These streams report progress. If they are not read, the latest records are the most useful.
    private void AddBounded<T>(PSDataCollection<T> stream, T record)
    {
        while (stream.Count >= _limit)
        {
            try
            {
                stream.RemoveAt(0);
            }
            catch (ArgumentOutOfRangeException)
            {
                // They have just been received.
            }
        }

        stream.Add(record);
    }

    private void TrySetState(JobState state)
    {
        if (!Volatile.Read(ref _over))
        {
            SetState(state, reason: null);
        }
    }

    private void SetState(JobState state, Exception? reason)
    {
        try
        {
            if (EngineInternals.SetJobState is { } set && reason is not null)
            {
                set(this, state, reason);
                return;
            }

            if (reason is not null)
            {
                _error.Add(EndedBy!);
            }

            SetJobState(state);
        }
        catch (ObjectDisposedException)
        {
            // It was removed while it ran.
        }
    }

    private void Finish(JobState state, Exception? reason)
    {
        lock (_lock)
        {
            if (_over)
            {
                return;
            }

            _over = true;
            _received &= _result is not null;
        }

        // Before the end is visible: code that waits for it must find the group's view of it.
        Group?.Ended(this);

        // From here on, a reader of the streams sees how the job ended.
        UnloadJobStreams();
        ThrottledJob? outer = _ending;
        _ending = this;
        try
        {
            SetState(state, reason);
        }
        finally
        {
            _ending = outer;
        }

        _output.Complete();
        _error.Complete();
        lock (_lock)
        {
            if (_result is not null)
            {
                SetResult(_result);
            }

            _end?.TrySetResult();
        }

        _call!.Leave(this);
    }
}
