using System.Management.Automation.Runspaces;
using AsyncPs.Concurrency;
using AsyncPs.Web.Serving;

namespace AsyncPs.Web;

/// <summary>
/// A running web server: what <c>Start-AsyncServer -AsJob</c> returns. As a job it has its errors, warnings and records of requests.
/// </summary>
public sealed class AsyncServer : Job
{
    private const int MostRecords = 10_000;

    private readonly ServerRun _run;
    private Task _reading = Task.CompletedTask;
    private long _requests;
    private bool _stopRequested;

    internal AsyncServer(ServerRun run, AsyncRoute[] routes, Runspace? home, string command, string? name)
        : base(command, name)
    {
        _run = run;
        Route = routes;
        Home = home;
        PSJobTypeName = "AsyncServer";
    }

    /// <summary>The URIs it listens on.</summary>
    public string[] Uri => [.. _run.Addresses];

    /// <summary>Its port; 0 if it listens on a Unix socket only.</summary>
    public int Port => Uri.Select(static uri => System.Uri.TryCreate(uri, UriKind.Absolute, out Uri? parsed) ? parsed.Port : -1)
        .FirstOrDefault(static port => port > 0);

    /// <summary>Its routes.</summary>
    public AsyncRoute[] Route { get; }

    /// <summary>How many requests it has answered.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>How many requests run, streams and web sockets included.</summary>
    public int Running => _run.App.Admission.Running + _run.App.LongAdmission.Running;

    /// <summary>How many requests wait to run.</summary>
    public int Waiting => _run.App.Admission.Waiting;

    /// <inheritdoc/>
    public override bool HasMoreData
        => Output.Count > 0 || Error.Count > 0 || Warning.Count > 0 || Information.Count > 0 || Verbose.Count > 0 || Debug.Count > 0;

    /// <inheritdoc/>
    public override string Location => Uri.Length > 0 ? Uri[0] : "";

    /// <inheritdoc/>
    public override string StatusMessage => JobStateInfo.Reason?.Message ?? "";

    /// <summary>Stops it: running requests may finish within the time of -ShutdownTimeout.</summary>
    public override void StopJob()
    {
        Volatile.Write(ref _stopRequested, true);
        Stop().Wait();
    }

    /// <summary>The session it belongs to.</summary>
    internal Runspace? Home { get; }

    /// <summary>Its run, from start to end.</summary>
    internal ServerRun Run => _run;

    /// <summary>Stops the server, and completes when it has stopped.</summary>
    internal async Task Stop()
    {
        await _run.StopAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
    }

    /// <summary>Whether this code runs for one of its requests, and would wait for itself.</summary>
    internal bool IsOwnRequest => WorkItem.Current?.Input is AsyncRequest request && Route.Contains(request.Route);

    /// <summary>Counts an answered request.</summary>
    internal void Count() => Interlocked.Increment(ref _requests);

    /// <summary>Runs it as a job: its records go to the job until it ends.</summary>
    internal void Begin(ServerLog log)
    {
        SetJobState(JobState.Running);
        _reading = Task.Run(() => ReadAsync(log));
    }

    private async Task ReadAsync(ServerLog log)
    {
        _ = _run.App.Failure.ContinueWith(
            _ => _run.StopAsync(),
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
        await foreach (StreamRecord record in log.Records.ReadAllAsync().ConfigureAwait(false))
        {
            Add(record);
            if (log.TakeDropped() is > 0 and var dropped)
            {
                Add(Warning, new WarningRecord(WebErrors.RecordsDropped(dropped)));
            }
        }

        await _run.StopAsync().ConfigureAwait(false);
        RunningServers.Remove(this);
        if (_run.App.Failure.IsCompleted)
        {
            Add(Error, CallErrors.CallFailed(await _run.App.Failure.ConfigureAwait(false)));
            SetJobState(JobState.Failed);
        }
        else
        {
            SetJobState(Volatile.Read(ref _stopRequested) ? JobState.Stopped : JobState.Completed);
        }
    }

    private void Add(in StreamRecord record)
    {
        switch (record.Kind)
        {
            case StreamKind.Output:
                Add(Output, PSObject.AsPSObject(record.Data!));
                break;
            case StreamKind.Error:
                Add(Error, (ErrorRecord)record.Data!);
                break;
            case StreamKind.Warning:
                Add(Warning, (WarningRecord)record.Data!);
                break;
            case StreamKind.Verbose:
                Add(Verbose, (VerboseRecord)record.Data!);
                break;
            case StreamKind.Debug:
                Add(Debug, (DebugRecord)record.Data!);
                break;
            case StreamKind.Information:
                Add(Information, (InformationRecord)record.Data!);
                break;
            case StreamKind.Host when ((HostText)record.Data!).ToInformation(Name) is { } text:
                Add(Information, text);
                break;
        }
    }

    // If the streams are not received, the latest records are the most useful.
    private static void Add<T>(PSDataCollection<T> stream, T record)
    {
        while (stream.Count >= MostRecords)
        {
            try
            {
                stream.RemoveAt(0);
            }
            catch (ArgumentOutOfRangeException)
            {
                // The records have just been received.
            }
        }

        stream.Add(record);
    }
}
