using System.Collections;
using System.Management.Automation.Remoting;
using System.Management.Automation.Runspaces;
using System.Threading.Channels;
using AsyncPs.Concurrency;
using AsyncPs.Remote.Closures;
using AsyncPs.Remote.Transport;

namespace AsyncPs.Remote;

/// <summary>
/// The pipeline of a remote worker. It lives as long as the worker, because a new one takes milliseconds, and serves call after call:
/// the caller's session goes in, then batches of items, and their output comes back. Output that arrives faster than it is written stays
/// on the other side.
/// </summary>
internal sealed class RemotePipeline
{
    // The assembly is loaded rather than the module imported, so nothing of the module becomes visible.
    private const string Script = """
        param($assembly)
        begin { try {
            $ErrorActionPreference = $WarningPreference = 'Continue'
            $VerbosePreference = $DebugPreference = 'SilentlyContinue'
            $WhatIfPreference = $false
            $PSDefaultParameterValues = @{}
            $loaded = [System.AppDomain]::CurrentDomain.GetData($assembly)
            if (-not $loaded) { $loaded = [System.Reflection.Assembly]::LoadFrom($assembly) }
            $serve = $loaded.GetType('AsyncPs.Commands.Pipeline.RemoteItemsCommand').GetProperty('Info').GetValue($null)
            $server = & $serve
        } catch { throw } }
        process { try { & $serve -Server $server -Message $_ } catch { throw } }
        """;

    // The largest number of records that wait here; no more are read until half of them are taken.
    private const int MaxWaiting = 1024;

    // The pipeline keeps a reference for each message.
    private const int MaxMessages = 100_000;

    private static readonly string OwnAssembly = typeof(RemotePipeline).Assembly.Location;

    private readonly IRemoteLink _link;
    private readonly PowerShell _shell;
    private readonly PSDataCollection<object?> _input = [];
    private readonly PSDataCollection<PSObject> _output = [];
    private readonly Channel<Arrival> _arrivals = Channel.CreateUnbounded<Arrival>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource<PSInvocationStateInfo> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<int> _sent = new();
    private readonly HeartbeatWatch _watch;
    private readonly HashSet<(object?, object?)> _copied = [];
    private int _forgotten;
    private int _waiting;
    private int _leaving;

    /// <summary>Starts the pipeline.</summary>
    /// <param name="runspace">The worker's session.</param>
    /// <param name="link">The link to it.</param>
    /// <param name="hasAssembly">Whether the code of the module was sent to it.</param>
    public RemotePipeline(Runspace runspace, IRemoteLink link, bool hasAssembly)
    {
        _link = link;
        _watch = new HeartbeatWatch(link);
        _shell = PowerShell.Create();
        _shell.Runspace = runspace;
        _shell.AddScript(Script, useLocalScope: true).AddArgument(hasAssembly ? FarAssembly.Name : OwnAssembly);
        _output.DataAdding += (_, e) => Receive(StreamKind.Output, e.ItemAdded);
        _output.DataAdded += static (sender, _) => ((PSDataCollection<PSObject>)sender!).Clear();
        PSDataStreams streams = _shell.Streams;
        Forward(streams.Error, StreamKind.Error);
        Forward(streams.Warning, StreamKind.Warning);
        Forward(streams.Verbose, StreamKind.Verbose);
        Forward(streams.Debug, StreamKind.Debug);
        Forward(streams.Information, StreamKind.Information);
        Forward(streams.Progress, StreamKind.Progress);
        _shell.InvocationStateChanged += (_, e) =>
        {
            if (e.InvocationStateInfo.State is PSInvocationState.Completed or PSInvocationState.Failed or PSInvocationState.Stopped)
            {
                _arrivals.Writer.TryComplete();
                _end.TrySetResult(e.InvocationStateInfo);
            }
        };
        _shell.BeginInvoke(_input, _output);

        // The engine also notices the exit, but possibly only after the records that it has yet to pass on.
        _ = link.Exit.ContinueWith(
            _ =>
            {
                _watch.End();
                _arrivals.Writer.TryComplete();
            },
            TaskScheduler.Default);
    }

    /// <summary>The open call, or null.</summary>
    public RemoteCall? Call { get; private set; }

    /// <summary>The name of its worker.</summary>
    public string Worker => _link.Name;

    /// <summary>Whether it takes another batch.</summary>
    public bool IsUsable => !_end.Task.IsCompleted && !_link.Exit.IsCompleted;

    /// <summary>Whether it has run so much that its worker is replaced before the next call.</summary>
    public bool IsWornOut => Call is null && _input.Count >= MaxMessages;

    /// <summary>Completes when the pipeline or its worker has ended.</summary>
    public Task End => Task.WhenAny(_end.Task, _link.Exit);

    /// <summary>Opens a call. A failure is reported by its first batch.</summary>
    /// <param name="call">The call.</param>
    /// <param name="environment">The environment for the process, or null if it already has it.</param>
    public void Enter(RemoteCall call, Hashtable? environment)
    {
        Hashtable written = call.Written;
        bool isFirst = _input.Count == 0;
        if (environment is not null || isFirst)
        {
            written = (Hashtable)written.Clone();
            written[TravelKeys.Environment] = environment;
            written[TravelKeys.OpensLong] = isFirst || call.OpensLong;
        }

        if (written[TravelKeys.Copies] is object[] copies)
        {
            // The process keeps what it has.
            written = (Hashtable)written.Clone();
            written[TravelKeys.Copies] = Array.FindAll(copies, copy => _copied.Add(KeyOf((Hashtable)copy)));
        }

        Call = call;
        _watch.Begin(call.Heartbeat, isFirst || call.OpensLong);
        _forgotten = _input.Count;
        _input.Add(written);
    }

    private static (object?, object?) KeyOf(Hashtable copy) => (copy[TravelKeys.Path], copy[TravelKeys.Changed]);

    /// <summary>Sends a batch. It runs when the batches before it have ended.</summary>
    /// <param name="batch">The items.</param>
    public void Send(RemoteBatch batch)
    {
        batch.SentTo = this;
        _sent.Enqueue(_input.Count);
        _input.Add(batch.Write());
    }

    /// <summary>Waits until a batch has ended: the first of those that were sent and have not.</summary>
    /// <param name="batch">The items.</param>
    /// <param name="cancellationToken">Stops the items, and the pipeline with them.</param>
    /// <exception cref="OperationCanceledException">It was stopped and has ended.</exception>
    /// <exception cref="RemoteLossException">The worker is lost, together with the items that have not ended.</exception>
    /// <exception cref="RemoteCallException">Something has failed that all items depend on.</exception>
    public async Task RunAsync(RemoteBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            _watch.SetRunning(true);
            while (!batch.HasEnded)
            {
                if (!await _arrivals.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    throw await FailureAsync().ConfigureAwait(false);
                }

                while (!batch.HasEnded && _arrivals.Reader.TryRead(out Arrival arrival))
                {
                    Took(arrival);
                    await batch.AcceptAsync(arrival.Kind, arrival.Data, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            await StopAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            _watch.SetRunning(false);
        }

        // Otherwise the pipeline would keep the objects until its end.
        _input[_sent.Dequeue()] = null;
        _input[_forgotten] = null;
    }

    /// <summary>Closes the call, which has no last block. The other side does so in the background.</summary>
    /// <param name="write">Receives the records that have arrived.</param>
    public void Leave(Action<StreamKind, object?> write)
    {
        _watch.End();
        lock (_arrivals)
        {
            _leaving++;
        }

        while (_arrivals.Reader.TryRead(out Arrival arrival))
        {
            Took(arrival);
            try
            {
                if (arrival.Kind != StreamKind.Output)
                {
                    write(arrival.Kind, arrival.Data);
                }
            }
            catch (OperationCanceledException)
            {
                // The call is being stopped, so the record has no reader.
            }
        }

        Call = null;
        _input.Add(FrameHeader.Left);
    }

    /// <summary>Closes the call and waits until that is done.</summary>
    /// <param name="write">Receives the records of the last block.</param>
    /// <param name="cancellationToken">Ends the pipeline at once.</param>
    public async Task LeaveAsync(Action<StreamKind, object?> write, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            _input.Add(FrameHeader.Left);
            _watch.SetRunning(true);
            await foreach (Arrival arrival in _arrivals.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                Took(arrival);
                if (arrival.Kind != StreamKind.Output)
                {
                    write(arrival.Kind, arrival.Data);
                }
                else if (FrameHeader.IsLeft(arrival.Data))
                {
                    Call = null;
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            await StopAsync().ConfigureAwait(false);
        }
        finally
        {
            _watch.SetRunning(false);
            _watch.End();
        }
    }

    /// <summary>Ends the input, so that the pipeline ends.</summary>
    public void Complete()
    {
        if (IsUsable)
        {
            _input.Complete();
        }
    }

    private void Forward<T>(PSDataCollection<T> records, StreamKind kind)
    {
        records.DataAdding += (_, e) => Receive(kind, e.ItemAdded);
        records.DataAdded += static (sender, _) => ((PSDataCollection<T>)sender!).Clear();
    }

    private void Receive(StreamKind kind, object? data)
    {
        int size = kind == StreamKind.Output ? RemoteBatch.SizeOf(data) : 1;
        lock (_arrivals)
        {
            if (_leaving > 0)
            {
                // It belongs to a call that has ended here.
                _leaving -= kind == StreamKind.Output && FrameHeader.IsLeft(data) ? 1 : 0;
                return;
            }

            _waiting += size;
            SetReading(_waiting < MaxWaiting);
            _arrivals.Writer.TryWrite(new Arrival(kind, data, size));
        }

        _watch.Heard();
    }

    private void Took(in Arrival arrival)
    {
        lock (_arrivals)
        {
            _waiting -= arrival.Size;
            if (_waiting < MaxWaiting / 2)
            {
                SetReading(true);
            }
        }
    }

    private void SetReading(bool mayRead)
    {
        _watch.SetReading(mayRead);
        _link.SetReading(mayRead);
    }

    // A pipeline that does not end in time is ended together with its process.
    private async Task StopAsync()
    {
        Drain();
        _ = Task.Run(Stop);
        Task late = Task.Delay(StopTimes.Grace + TimeSpan.FromSeconds(1));
        if (await Task.WhenAny(_end.Task, _link.Exit, late).ConfigureAwait(false) == late)
        {
            _link.Kill(reason: null);
            await Task.WhenAny(_link.Exit, Task.Delay(StopTimes.Grace)).ConfigureAwait(false);
        }

        Drain();
        Dispose();
    }

    // Dispose waits for answers of the other side, which may be gone.
    private void Dispose() => _ = Task.Run(() =>
    {
        _watch.End();
        try
        {
            _shell.Dispose();
        }
        catch (Exception e) when (e is RuntimeException or InvalidOperationException or IOException)
        {
            // It has already ended.
        }
    });

    private void Stop()
    {
        try
        {
            _shell.Stop();
        }
        catch (Exception e) when (e is RuntimeException or InvalidOperationException)
        {
            // The pipeline has ended.
        }
    }

    // The remaining records are not wanted, but the other side must not wait, because its end arrives behind them.
    private void Drain()
    {
        lock (_arrivals)
        {
            _waiting = int.MinValue / 2;
            SetReading(true);
        }

        while (_arrivals.Reader.TryRead(out _))
        {
        }
    }

    private async Task<Exception> FailureAsync()
    {
        await Task.WhenAny(_end.Task, _link.Exit).ConfigureAwait(false);
        Exception? reason = _end.Task.IsCompleted ? (await _end.Task.ConfigureAwait(false)).Reason : null;
        if (reason is RuntimeException and not PSRemotingTransportException)
        {
            return new RemoteCallException(RemoteErrors.CallFailed((RuntimeException)reason));
        }

        // The exit of the process tells more than the closed channel.
        await Task.WhenAny(_link.Exit, Task.Delay(TimeSpan.FromSeconds(2))).ConfigureAwait(false);
        return new RemoteLossException(_link, reason);
    }

    private readonly record struct Arrival(StreamKind Kind, object? Data, int Size);
}
