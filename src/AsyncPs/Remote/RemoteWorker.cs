using System.Collections;
using System.Management.Automation.Runspaces;
using AsyncPs.Concurrency;
using AsyncPs.Isolation;
using AsyncPs.Remote.Transport;

namespace AsyncPs.Remote;

/// <summary>
/// A process that runs items, with the one session that it serves. It runs a pipeline of one call at a time, and is kept warm between
/// calls.
/// </summary>
internal sealed class RemoteWorker : IDisposable
{
    // A busy machine may need this long; an idle one needs less than a second.
    private static readonly TimeSpan OpenTime = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan ExitTime = TimeSpan.FromSeconds(2);

    private static readonly Lazy<IRemoteConnections> Connections = new(static () => DependencyLoadContext.Create<IRemoteConnections>(
        DependencyLoadContext.LoadAssembly("AsyncPs remoting", "AsyncPs.Remoting", typeof(RemoteWorker).Assembly)));

    // The table tells how to recreate objects that arrive. Loading it takes half of the time to open a session.
    private static readonly Lazy<TypeTable> Types = new(TypeTable.LoadDefaultTypeFiles);

    private readonly IRemoteLink _link;
    private readonly Runspace _runspace;
    private Hashtable _environment;
    private RemotePipeline? _pipeline;

    private RemoteWorker(RemoteTarget target, IRemoteLink link, Runspace runspace, Hashtable environment)
    {
        Target = target;
        _link = link;
        _runspace = runspace;
        _environment = environment;
    }

    /// <summary>Its target.</summary>
    public RemoteTarget Target { get; }

    /// <summary>The id of its process; for another machine, that of the local ssh.</summary>
    public int ProcessId => (_link as ProcessChannel)?.ProcessId ?? 0;

    /// <summary>Whether it can run items.</summary>
    public bool IsUsable => !_link.Exit.IsCompleted && _pipeline is not { IsWornOut: true }
        && _runspace.RunspaceStateInfo.State == RunspaceState.Opened;

    /// <summary>When it was returned to the pool.</summary>
    public long IdleSince { get; set; }

    /// <summary>Starts a worker.</summary>
    /// <param name="target">The target.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="RemoteCallException">It cannot be started.</exception>
    /// <exception cref="OperationCanceledException">The start was canceled.</exception>
    public static async Task<RemoteWorker> OpenAsync(RemoteTarget target, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (target.Session is { } session)
        {
            return await JoinAsync(session, target, cancellationToken).ConfigureAwait(false);
        }

        Hashtable environment = target.EnvironmentNow();
        ProcessChannel channel;
        try
        {
            channel = target.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new RemoteCallException(RemoteErrors.ProgramNotStarted(target, e));
        }

        Runspace runspace = RunspaceFactory.CreateRunspace(Connections.Value.Over(channel), host: null, Types.Value);
        try
        {
            await OpenAsync(runspace, channel, target, cancellationToken).ConfigureAwait(false);
            if (!target.IsLocal)
            {
                await FarAssembly.SendAsync(runspace, channel, target, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            channel.Kill(reason: null);
            End(runspace, channel);
            throw;
        }

        return new RemoteWorker(target, channel, runspace, environment);
    }

    /// <summary>The pipeline, in which the call is opened if it is not.</summary>
    /// <param name="call">The call.</param>
    public RemotePipeline PipelineOf(RemoteCall call)
    {
        if (_pipeline?.Call == call && _pipeline.IsUsable)
        {
            return _pipeline;
        }

        if (_pipeline is not { IsUsable: true })
        {
            _pipeline = new RemotePipeline(_runspace, _link, hasAssembly: !Target.IsLocal);
        }

        Hashtable environment = Target.EnvironmentNow();
        Hashtable? changed = Target.IsLocal && !AreEqual(environment, _environment) ? environment : null;
        _environment = environment;
        _pipeline.Enter(call, changed);
        return _pipeline;
    }

    /// <summary>Closes a call. One with a last block is closed when that block has run.</summary>
    /// <param name="write">Receives the records of that block.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    public async Task LeaveAsync(Action<StreamKind, object?> write, CancellationToken cancellationToken)
    {
        if (_pipeline is not { Call: { } call, IsUsable: true } pipeline)
        {
            return;
        }

        if (call.HasLastBlock || cancellationToken.IsCancellationRequested)
        {
            await pipeline.LeaveAsync(write, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            pipeline.Leave(write);
        }
    }

    /// <summary>Kills the process and everything that it has started.</summary>
    public void Kill() => _link.Kill(reason: null);

    /// <summary>Gives a session back to its owner: it is free when its pipeline has ended.</summary>
    public async Task DetachAsync()
    {
        if (_pipeline is { } pipeline)
        {
            pipeline.Complete();
            await Task.WhenAny(pipeline.End, Task.Delay(StopTimes.Grace)).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pipeline?.Complete();
        if (_link is ProcessChannel channel)
        {
            End(_runspace, channel);
        }
    }

    // In the background, because closing the session waits for an answer of the other side, which may be gone.
    private static async Task<RemoteWorker> JoinAsync(Runspace session, RemoteTarget target, CancellationToken cancellationToken)
    {
        if (session.RunspaceStateInfo.State != RunspaceState.Opened || session.RunspaceAvailability != RunspaceAvailability.Available)
        {
            throw new RemoteCallException(RemoteErrors.SessionNotAvailable(target, session)) { IsOfPlace = true };
        }

        var link = new SessionLink(session, target.Word);
        await FarAssembly.SendAsync(session, link, target, cancellationToken).ConfigureAwait(false);
        return new RemoteWorker(target, link, session, []);
    }

    private static void End(Runspace runspace, ProcessChannel channel)
    {
        _ = Task.Run(() =>
        {
            try
            {
                runspace.Dispose();
            }
            catch (Exception e) when (e is RuntimeException or InvalidOperationException or IOException)
            {
                // It has already ended.
            }

            channel.Dispose();
        });
        _ = channel.KillUnlessGoneAsync();
    }

    private static async Task OpenAsync(Runspace runspace, ProcessChannel channel, RemoteTarget target, CancellationToken cancellationToken)
    {
        var opened = new TaskCompletionSource<RunspaceStateInfo>(TaskCreationOptions.RunContinuationsAsynchronously);
        runspace.StateChanged += (_, e) =>
        {
            if (e.RunspaceStateInfo.State is RunspaceState.Opened or RunspaceState.Broken or RunspaceState.Closed)
            {
                opened.TrySetResult(e.RunspaceStateInfo);
            }
        };
        runspace.OpenAsync();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(OpenTime);
        RunspaceStateInfo state;
        try
        {
            if (await Task.WhenAny(opened.Task, channel.Exit).WaitAsync(late.Token).ConfigureAwait(false) == channel.Exit)
            {
                throw NotStarted(reason: null);
            }

            state = await opened.Task.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw NotStarted(RemoteErrors.NoAnswer(OpenTime));
        }

        if (state.State != RunspaceState.Opened)
        {
            // The exit code says more than the closed channel.
            await Task.WhenAny(channel.Exit, Task.Delay(ExitTime, CancellationToken.None)).ConfigureAwait(false);
            throw NotStarted(channel.Exit.IsCompleted ? null : state.Reason);
        }

        RemoteCallException NotStarted(Exception? reason)
            => new(RemoteErrors.WorkerNotStarted(target, channel, reason))
            {
                WasKilled = target.IsLocal && channel.WasKilled,
                IsOfPlace = !target.IsLocal,
            };
    }

    private static bool AreEqual(Hashtable one, Hashtable other)
        => one.Count == other.Count && one.Keys.Cast<object>().All(key => other.ContainsKey(key) && Equals(one[key], other[key]));
}
