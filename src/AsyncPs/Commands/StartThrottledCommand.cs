using System.Management.Automation.Language;
using AsyncPs.Blocks;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Http;
using AsyncPs.Jobs;
using AsyncPs.Queues;
using AsyncPs.Streams;
using AsyncPs.Throttling;

namespace AsyncPs.Commands;

/// <summary>
/// Starts work in the background and returns at once (asyncio's <c>create_task</c>): a PowerShell job for every input object, block or
/// request. Jobs that wait for their turn hold no runspace.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "Throttled", DefaultParameterSetName = UriSet)]
[OutputType(typeof(ThrottledJob))]
[Alias("sath")]
public sealed class StartThrottledCommand : BlockCommand
{
    private const string FileSet = "File";

    // Stopped jobs have time to clean up, because no prompt waits for them.
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(1);

    /// <summary>The script file that each job runs, instead of a block.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FileSet)]
    [Alias("PSPath", "LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string? FilePath { get; set; }

    /// <summary>The name of the jobs. Default: Job and a number.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Runs in each job before its block, in the same scope. Its output belongs to the job.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [ValidateNotNull]
    public ScriptBlock? InitializationScript { get; set; }

    /// <summary>How many records of each stream a job keeps until they are received. Default: 100,000.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int BufferLimit { get; set; } = 100_000;

    /// <summary>Starts one job for all input objects instead of one job for each.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    public SwitchParameter AsJob { get; set; }

    /// <summary>
    /// Queues or streams whose elements one job processes until they end. The block runs for each, up to -ThrottleLimit at a time.
    /// </summary>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [Alias("InputQueue")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StreamCompleter))]
    public override object[]? InputStream { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [Alias("Args")]
    public override object?[]? ArgumentList { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    public override SwitchParameter UseNewRunspace { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    public override SwitchParameter NoAwait { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [ValidateRange(1, int.MaxValue)]
    public override int Process { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    public override SwitchParameter RetryLost { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [ValidateNotNullOrEmpty]
    public override string? ProcessPath { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [ValidateNotNullOrEmpty]
    public override string? ConfigurationName { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [ValidateNotNullOrEmpty]
    public override string? WorkingDirectory { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [ValidateNotNull]
    public override System.Collections.IDictionary? Environment { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [ValidateNotNullOrEmpty]
    public override string[] HostName { get; set; } = [];

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [ValidateNotNullOrEmpty]
    public override string? UserName { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [ValidateRange(1, ushort.MaxValue)]
    public override int Port { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [ValidateNotNullOrEmpty]
    public override string? KeyFilePath { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [ValidateNotNull]
    public override System.Collections.IDictionary? SshOptions { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [ValidateNotNullOrEmpty]
    public override System.Management.Automation.Runspaces.PSSession[] Session { get; set; } = [];

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    public override SwitchParameter CopyModule { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = BlockSet)]
    [Parameter(ParameterSetName = FileSet)]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public override TimeSpan HeartbeatTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long each job may take from its start. A number means seconds. Default: no limit.</summary>
    [Parameter]
    [Alias("TimeoutSeconds")]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public override TimeSpan? Timeout { get; set; }

    /// <summary>Not for jobs, which write nothing to the pipeline.</summary>
    public override SwitchParameter Ordered { get; set; }

    /// <inheritdoc cref="Ordered"/>
    public override SwitchParameter AsResult { get; set; }

    /// <summary>Not for jobs: the jobs of a task group stop each other.</summary>
    public override SwitchParameter FailFast { get; set; }

    /// <summary>Not for jobs, which have <see cref="Timeout"/>.</summary>
    public override TimeSpan? ItemTimeout { get; set; }

    /// <inheritdoc cref="Ordered"/>
    public override SwitchParameter Progress { get; set; }

    private JobSession _session = null!;
    private JobCall? _jobs;
    private ScriptBlock[] _blocks = [];
    private string[] _commands = [];

    // The input objects of -AsJob. The job starts when all are there.
    private AsyncQueue? _input;

    /// <inheritdoc/>
    private protected override ConcurrentCall OpenCall(Action<StreamRecord> write)
    {
        _session = JobSession.Open(DefaultRequests);
        _ = ExpectsItems();
        CallOptions options = CreateOptions() with { Awaits = !NoAwait, Timeout = null, ItemTimeout = null };
        _jobs = (InputStream ?? OpenInput()) is { } streams ? OpenStreamJob(options, streams)
            : SendsRequests ? OpenRequestJobs(ForJobs(options))
            : OpenBlockJobs(ForJobs(options));
        return _jobs.Call;
    }

    private CallOptions ForJobs(CallOptions options) => options with
    {
        Limits = CallLimits.Elsewhere,
        OwnThrottle = OwnThrottle(),
        ItemTimeout = Duration.Finite(Timeout),
        StopGrace = StopGrace,
    };

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (HasInput && SendsRequests)
        {
            StartRequests(InputObject);
        }
        else if (_input is not null)
        {
            Inspect(InputObject);
            _input.TryWrite(InputObject);
        }
        else if (HasInput)
        {
            Inspect(InputObject);
            Start(_commands[0], InputObject, InputObject, PipelineValues);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!HasInput && SendsRequests)
        {
            StartRequests(null);
        }
        else if (_input is not null)
        {
            _input.Complete();
            Start(_commands[0], null, null, work: null);
        }
        else if (!HasInput)
        {
            foreach (string command in _commands)
            {
                Start(command, null, null, work: null);
            }
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        // Started jobs continue.
    }

    /// <inheritdoc/>
    private protected override void EndCall() => _jobs?.Complete();

    /// <inheritdoc/>
    /// <remarks>On a worker, because the caller continues.</remarks>
    private protected override IItemBlock CreateItemBlock(ScriptBlock block)
        => new WorkerBlock(new BackgroundBlock(block, arguments: null, CaptureOptions, this));

    private void StartRequests(object? input)
    {
        foreach (ItemInput request in MakeRequests(input))
        {
            Start(((HttpWork)request.Work!).Request?.ToString() ?? nameof(Uri), request.Input, request.Input, request.Work);
        }
    }

    private JobCall OpenRequestJobs(CallOptions options)
    {
        HttpJob requests = OpenRequests(HasInput);
        (options, Func<ConcurrentCall, IWorkRunner> runner) = WithHedges(
            WithoutWorkers(options) with { ResumesAttempts = true }, call => new AsyncLoops(call, requests, int.MaxValue), int.MaxValue);
        return new JobCall(options, runner);
    }

    // The options apply to the elements; the job itself has only a time-out.
    private JobCall OpenStreamJob(CallOptions options, object[] streams)
    {
        ReadBlocks();
        options = ForProcesses(options);
        var scripts = new WorkerScripts(InitializationScript, null, options.RetryFilter.Block);
        (options, Func<ConcurrentCall, IWorkRunner> runner) = WithHedges(
            options with { HasContext = Array.Exists(_blocks, ContextVariable.IsNamedIn) },
            PrepareBlocks(_blocks, scripts, AttemptsOf(Limit), hasInput: true),
            Limit);
        var elements = new ConcurrentCall(options, runner, write: static _ => { });
        try
        {
            var job = new StreamJob(elements, new StreamFeed(elements, streams, nameof(InputStream)) { Inspect = Inspection });
            var own = new CallOptions(CallLimits.Elsewhere)
            {
                Source = options.Source,
                ItemTimeout = Duration.Finite(Timeout),
                StopGrace = StopGrace,
            };
            return new JobCall(own, call => new AsyncLoops(call, job, limit: 1));
        }
        catch (ConcurrentArgumentException)
        {
            elements.Dispose();
            throw;
        }
    }

    private object[]? OpenInput()
    {
        if (AsJob && !HasInput && ScriptBlock.Length > 1)
        {
            throw new ConcurrentArgumentException(ParameterErrors.AsJobWithSeveralBlocks(ScriptBlock));
        }

        return AsJob && HasInput ? [_input = new AsyncQueue()] : null;
    }

    private void ReadBlocks()
    {
        _blocks = FilePath is null ? ScriptBlock : [ReadFile(FilePath)];
        _commands = FilePath is null ? Array.ConvertAll(_blocks, static block => block.ToString()) : [FilePath];
    }

    private JobCall OpenBlockJobs(CallOptions options)
    {
        ReadBlocks();
        options = ForProcesses(options);
        var scripts = new WorkerScripts(null, null, options.RetryFilter.Block)
        {
            ItemInitialization = InitializationScript,

            // A group must learn of each failure, so none is passed over.
            EndsAtErrors = AmbientScope.Current is TaskGroup,
        };
        (options, Func<ConcurrentCall, IWorkRunner> runner) = WithHedges(
            options with { HasContext = Array.Exists(_blocks, ContextVariable.IsNamedIn) },
            PrepareBlocks(_blocks, scripts, int.MaxValue, HasInput),
            int.MaxValue);
        return new JobCall(options, runner);
    }

    private void Start(string command, object? shown, object? input, object? work)
    {
        var job = new ThrottledJob(_session, command, Name, shown, BufferLimit);
        _session.Add(job);
        _jobs!.Start(job, input, work);
        WriteObject(job);
    }

    // Without -ThrottleLimit, all such jobs of the session share the limit of one call, so that a loop of calls does not run all at once.
    private Throttle? OwnThrottle()
        => IsBound(nameof(ThrottleLimit)) || IsRemote ? new Throttle(limit: ThrottleLimit)
            : Throttle is { Limit: not null } ? null
            : Throttle is not null ? new Throttle(limit: ThrottleLimit)
            : SendsRequests ? _session.Requests : _session.Blocks;

    private ScriptBlock ReadFile(string path)
    {
        string file = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);
        if (!File.Exists(file))
        {
            throw JobErrors.ScriptFileInvalid(path, "there is no such file.");
        }

        ScriptBlockAst script = Parser.ParseFile(file, out _, out ParseError[] errors);
        return errors.Length == 0
            ? script.GetScriptBlock()
            : throw JobErrors.ScriptFileInvalid(path, errors[0].Message, new ParseException(errors));
    }
}
