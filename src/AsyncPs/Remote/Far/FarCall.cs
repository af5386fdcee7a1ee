using System.Collections;
using AsyncPs.Concurrency;
using AsyncPs.Blocks;
using AsyncPs.Remote.Closures;

namespace AsyncPs.Remote.Far;

/// <summary>
/// The part of a call that runs in this process for a caller in another one: a call of the same engine, with one worker. Batches of items
/// arrive one after another. The thread that brings a batch sends back the records until all its items have ended.
/// </summary>
internal sealed class FarCall : IDisposable
{
    private const int MaxRecords = 512;

    private static readonly TimeSpan DefaultGrace = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private readonly OutputBuffer _records;
    private readonly FarSession _session;
    private readonly ConcurrentCall _call;
    private readonly Timer? _clock;
    private Exception? _failure;
    private bool _beatIsDue;
    private int _left;

    private FarCall(FarSession session, IDictionary written)
    {
        _session = session;
        _records = new OutputBuffer(MaxRecords, window: null, _stop.Token);
        ScriptJob job = session.CreateJob();
        var options = new CallOptions(CallLimits.Elsewhere)
        {
            Detached = true,
            Awaits = !LanguagePrimitives.IsTrue(written[TravelKeys.NoAwait]),
            HasContext = session.HasContext,
            StopGrace = written[TravelKeys.StopGrace] is { } grace ? TimeSpan.FromMilliseconds(LanguagePrimitives.ConvertTo<double>(grace))
                : DefaultGrace,
        };
        bool usesNewRunspaces = LanguagePrimitives.IsTrue(written[TravelKeys.UseNewRunspace]);
        _call = new ConcurrentCall(options, call => job.CreateTeam(call, limit: 1, usesNewRunspaces), WriteOutside);
        if (written[TravelKeys.Beat] is { } beat)
        {
            var period = TimeSpan.FromMilliseconds(LanguagePrimitives.ConvertTo<double>(beat));
            _clock = Guarded.Timer(BeatIsDue);
            _clock.Change(period, period);
        }
    }

    /// <summary>Opens the call.</summary>
    /// <param name="command">The command that opens it.</param>
    /// <param name="written">The data of the caller.</param>
    /// <exception cref="RuntimeException">Something is not available here.</exception>
    public static FarCall Open(PSCmdlet command, IDictionary written)
    {
        FarSession session = FarSession.Enter(command, written);
        try
        {
            return new FarCall(session, written);
        }
        catch
        {
            session.Leave(command);
            throw;
        }
    }

    /// <summary>Runs the items of a batch.</summary>
    /// <param name="batch">A text with the index and the attempt of each item, and their inputs.</param>
    /// <param name="send">Sends a frame to the caller.</param>
    /// <param name="write">Writes a record of another stream.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="Exception">Something has failed that all items depend on.</exception>
    public void Run(IList batch, Action<object?[]> send, Action<StreamRecord> write)
    {
        int count = batch.Count - 1;
        _left = count;
        _records.InBatches = true;
        string header = (string)PSObjectExtensions.Unwrap(batch[0])!;
        int at = 0;
        for (int place = 0; place < count; place++)
        {
            long index = FrameHeader.ReadLong(header, ref at);
            int attempt = FrameHeader.Read(header, ref at);
            _call.Start(batch[place + 1], work: null, new FarSink(place, attempt, _records, OneEnded), index: index);
        }

        var frames = new FrameWriter(send, write);
        while (frames.Ended < count)
        {
            Pump(frames, () => Volatile.Read(ref _failure) is not null);
            if (Volatile.Read(ref _failure) is { } failure)
            {
                throw failure;
            }
        }
    }

    /// <summary>Ends the input: waits until the worker has left and its last block has run.</summary>
    /// <param name="command">The command that ends it.</param>
    /// <param name="send">Sends a frame to the caller.</param>
    /// <param name="write">Writes a record of another stream.</param>
    public void End(PSCmdlet command, Action<object?[]> send, Action<StreamRecord> write)
    {
        var frames = new FrameWriter(send, write);
        Task end = Task.Run(_call.RunToEnd);
        end.ContinueWith(_ => _records.WakeUp(), TaskScheduler.Default);
        while (!end.IsCompleted)
        {
            Pump(frames, () => end.IsCompleted);
        }

        Pump(frames, static () => true);
        Dispose();
        _session.Leave(command);
    }

    /// <summary>Stops everything that runs. Any thread; returns at once.</summary>
    public void Stop()
    {
        _call.Stop();
        _stop.Cancel();
        _records.WakeUp();
    }

    /// <summary>Removes what was set up, after a stop.</summary>
    public void Leave(PSCmdlet command)
    {
        Dispose();
        _session.Leave(command);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _clock?.Dispose();
        _call.Dispose();
    }

    private void Pump(FrameWriter frames, Func<bool> done)
    {
        _records.WaitForRecord(() => Volatile.Read(ref _beatIsDue) || done());
        while (_records.TryRead(out StreamRecord record))
        {
            frames.Write(record);
        }

        frames.Flush();
        if (Volatile.Read(ref _beatIsDue))
        {
            Volatile.Write(ref _beatIsDue, false);
            frames.Beat();
        }
    }

    private void BeatIsDue()
    {
        Volatile.Write(ref _beatIsDue, true);
        _records.WakeUp();
    }

    private void OneEnded()
    {
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _records.Flush();
        }
    }

    // Records without an item. On any thread.
    private void WriteOutside(StreamRecord record)
    {
        if (record.Kind == StreamKind.Fatal)
        {
            Interlocked.CompareExchange(ref _failure, (Exception)record.Data!, null);
            _records.WakeUp();
            return;
        }

        try
        {
            _records.Write(record);
        }
        catch (OperationCanceledException)
        {
            // The call is being stopped, so the record has no reader.
        }
    }
}
