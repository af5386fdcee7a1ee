using System.Collections;
using System.Management.Automation.Remoting;
using System.Management.Automation.Runspaces;
using System.Threading.Channels;
using AsyncPs.Concurrency;
using AsyncPs.Remote.Closures;
using AsyncPs.Remote.Transport;

namespace AsyncPs.Remote;

/// <summary>
/// The pipeline of one call in a remote worker. It lives as long as the call, because a new one takes milliseconds. Batches of items go in
/// one after another, and their records come back. Records that arrive faster than they are taken stay on the other side.
/// </summary>
internal sealed class RemotePipeline
{
    // The assembly is loaded rather than the module imported, so nothing of the module becomes visible.
    private const string Script = """
        param($assembly, $open)
        begin { try {
            $ErrorActionPreference = $WarningPreference = 'Continue'
            $VerbosePreference = $DebugPreference = 'SilentlyContinue'
            $WhatIfPreference = $false
            $PSDefaultParameterValues = @{}
            $type = [System.Reflection.Assembly]::LoadFrom($assembly).GetType('AsyncPs.Commands.Pipeline.RemoteItemsCommand')
            $serve = $type.GetProperty('Info').GetValue($null)
            $call = & $serve -Open $open
        } catch { throw } }
        process { try { & $serve -Call $call -Batch $_ } catch { throw } }
        end { try { & $serve -Call $call -Close } catch { throw } }
        """;

    // The largest number of records that wait here; no more are read until half of them are taken.
    private const int MaxWaiting = 1024;

    // The pipeline keeps a reference for each input object.
    private const int MaxBatches = 10_000;

    private static readonly string OwnAssembly = typeof(RemotePipeline).Assembly.Location;

    private readonly ProcessChannel _channel;
    private readonly PowerShell _shell;
    private readonly PSDataCollection<object?> _input = [];
    private readonly PSDataCollection<PSObject> _output = [];
    private readonly Channel<Arrival> _arrivals = Channel.CreateUnbounded<Arrival>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource<PSInvocationStateInfo> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;
    private int _batches;

    /// <summary>Starts the pipeline.</summary>
    /// <param name="call">The call.</param>
    /// <param name="runspace">The worker's session.</param>
    /// <param name="channel">The channel to it.</param>
    /// <param name="environment">The environment for the process, or null if it already has it.</param>
    public RemotePipeline(RemoteCall call, Runspace runspace, ProcessChannel channel, Hashtable? environment)
    {
        Call = call;
        _channel = channel;
        Hashtable written = call.Written;
        if (environment is not null)
        {
            written = (Hashtable)written.Clone();
            written[TravelKeys.Environment] = environment;
        }

        _shell = PowerShell.Create();
        _shell.Runspace = runspace;
        _shell.AddScript(Script, useLocalScope: true).AddArgument(OwnAssembly).AddArgument(written);
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
        _ = channel.Exit.ContinueWith(_ => _arrivals.Writer.TryComplete(), TaskScheduler.Default);
    }

    /// <summary>The call.</summary>
    public RemoteCall Call { get; }

    /// <summary>Whether it takes another batch.</summary>
    public bool IsUsable => _batches < MaxBatches && !_end.Task.IsCompleted && !_channel.Exit.IsCompleted;

    /// <summary>Runs a batch to its end.</summary>
    /// <param name="batch">The items.</param>
    /// <param name="cancellationToken">Stops the items, and the pipeline with them.</param>
    /// <exception cref="OperationCanceledException">It was stopped and has ended.</exception>
    /// <exception cref="RemoteLossException">The worker is lost, together with the items that have not ended.</exception>
    /// <exception cref="RemoteCallException">Something has failed that all items depend on.</exception>
    public async Task RunAsync(RemoteBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int place = _batches++;
        _input.Add(batch.Write());
        try
        {
            while (!batch.HasEnded)
            {
                if (!await _arrivals.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    throw await FailureAsync().ConfigureAwait(false);
                }

                while (_arrivals.Reader.TryRead(out Arrival arrival))
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

        // Otherwise the pipeline would keep the objects until its end.
        _input[place] = null;
    }

    /// <summary>Ends the input and waits for the end.</summary>
    /// <param name="write">Receives the records of the last block.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    public async Task CompleteAsync(Action<StreamKind, object?> write, CancellationToken cancellationToken)
    {
        _input.Complete();
        try
        {
            await foreach (Arrival arrival in _arrivals.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                Took(arrival);
                if (arrival.Kind != StreamKind.Output)
                {
                    write(arrival.Kind, arrival.Data);
                }
            }

            await Task.WhenAny(_end.Task, _channel.Exit).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await StopAsync().ConfigureAwait(false);
            return;
        }

        Dispose();
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
            _waiting += size;
            _channel.SetReading(_waiting < MaxWaiting);
        }

        _arrivals.Writer.TryWrite(new Arrival(kind, data, size));
    }

    private void Took(in Arrival arrival)
    {
        lock (_arrivals)
        {
            _waiting -= arrival.Size;
            if (_waiting < MaxWaiting / 2)
            {
                _channel.SetReading(true);
            }
        }
    }

    // A pipeline that does not end in time is ended together with its process.
    private async Task StopAsync()
    {
        Drain();
        _ = Task.Run(Stop);
        Task late = Task.Delay(StopTimes.Grace + TimeSpan.FromSeconds(1));
        if (await Task.WhenAny(_end.Task, _channel.Exit, late).ConfigureAwait(false) == late)
        {
            _channel.Kill();
            await Task.WhenAny(_channel.Exit, Task.Delay(StopTimes.Grace)).ConfigureAwait(false);
        }

        Drain();
        Dispose();
    }

    // Dispose waits for answers of the other side, which may be gone.
    private void Dispose() => _ = Task.Run(() =>
    {
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
            _channel.SetReading(true);
        }

        while (_arrivals.Reader.TryRead(out _))
        {
        }
    }

    private async Task<Exception> FailureAsync()
    {
        await Task.WhenAny(_end.Task, _channel.Exit).ConfigureAwait(false);
        Exception? reason = _end.Task.IsCompleted ? (await _end.Task.ConfigureAwait(false)).Reason : null;
        if (reason is RuntimeException and not PSRemotingTransportException)
        {
            return new RemoteCallException(RemoteErrors.CallFailed((RuntimeException)reason));
        }

        // The exit of the process tells more than the closed channel.
        await Task.WhenAny(_channel.Exit, Task.Delay(TimeSpan.FromSeconds(2))).ConfigureAwait(false);
        return new RemoteLossException(_channel, reason);
    }

    private readonly record struct Arrival(StreamKind Kind, object? Data, int Size);
}
