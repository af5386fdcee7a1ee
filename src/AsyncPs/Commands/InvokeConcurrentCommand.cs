using AsyncPs.Blocks;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Http;
using AsyncPs.Streams;

namespace AsyncPs.Commands;

/// <summary>
/// Runs a script block once for every input object, or several blocks once each, concurrently on long-lived workers, and writes the
/// results as they complete (asyncio's <c>gather</c> and <c>as_completed</c>). Or sends requests, thousands at a time, without workers
/// (aiohttp's <c>ClientSession</c>).
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "Concurrent", DefaultParameterSetName = UriSet)]
[OutputType(typeof(object))]
[Alias("icc")]
public sealed class InvokeConcurrentCommand : BlockCommand
{
    /// <summary>Runs once in every worker before its first item; the items see what it sets.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    public ScriptBlock? InitializationScript { get; set; }

    /// <summary>Runs once in every worker after its last item, unless the call is stopped.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    public ScriptBlock? FinalizationScript { get; set; }

    /// <summary>How many input objects a block gets at a time, as an array in `$_`. Default: one, as it is.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateRange(1, int.MaxValue)]
    public int BatchSize { get; set; }

    /// <summary>How long the first object of a batch waits for others. Default: until the batch is full or the input ends.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? BatchDelay { get; set; }

    private bool _hasInput;
    private BatchCollector? _batches;
    private StreamFeed? _feed;

    /// <inheritdoc/>
    private protected override void Begin()
    {
        base.Begin();
        if (InputStream is not null)
        {
            _feed = OpenFeed(InputStream);
        }
        else if (BatchSize > 0)
        {
            _batches = new BatchCollector(Call, BatchSize, Duration.Finite(BatchDelay));
        }
    }

    /// <inheritdoc/>
    private protected override ConcurrentCall OpenCall(Action<StreamRecord> write)
    {
        _hasInput = ExpectsItems();
        RequireWith(nameof(BatchSize), nameof(BatchDelay));
        CallOptions options = CreateOptions() with { Awaits = !NoAwait };
        return SendsRequests ? OpenRequestCall(options, write) : OpenBlockCall(options, write);
    }

    private ConcurrentCall OpenRequestCall(CallOptions options, Action<StreamRecord> write)
    {
        HttpJob requests = OpenRequests(_hasInput);
        (options, Func<ConcurrentCall, IWorkRunner> runner) = WithHedges(
            WithoutWorkers(options) with { ResumesAttempts = true }, call => new AsyncLoops(call, requests, AttemptsOf(Limit)), Limit);
        return new ConcurrentCall(options, runner, write) { Caller = CallerLink.Of(this) };
    }

    private ConcurrentCall OpenBlockCall(CallOptions options, Action<StreamRecord> write)
    {
        options = ForProcesses(options);
        var scripts = new WorkerScripts(InitializationScript, FinalizationScript, options.RetryFilter.Block);
        (options, Func<ConcurrentCall, IWorkRunner> runner) = WithHedges(
            options with { HasContext = Array.Exists(ScriptBlock, ContextVariable.IsNamedIn) },
            PrepareBlocks(ScriptBlock, scripts, AttemptsOf(Limit), _hasInput),
            Limit);
        return new ConcurrentCall(options, runner, write) { Caller = CallerLink.Of(this) };
    }

    /// <inheritdoc/>
    private protected override CommandStep ProcessAsync()
    {
        if (_feed is not null || !_hasInput)
        {
            return default;
        }

        if (SendsRequests)
        {
            return AddRequestsAsync(InputObject);
        }

        Inspect(InputObject);
        if (_batches is null)
        {
            return AddAsync(InputObject, PipelineValues);
        }

        _batches.Add(InputObject, PipelineValues);
        return default;
    }

    /// <inheritdoc/>
    private protected override async CommandStep EndAsync()
    {
        if (_feed is not null)
        {
            Call.Feed(_feed.RunAsync);
        }
        else if (!_hasInput && SendsRequests)
        {
            await AddRequestsAsync(null);
        }
        else if (!_hasInput)
        {
            foreach (ScriptBlock _ in ScriptBlock)
            {
                await AddAsync(null);
            }
        }

        _batches?.Complete();
        await base.EndAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _batches?.Dispose();
        base.Dispose(disposing);
    }

    private StreamFeed OpenFeed(object[] streams) => new(Call, streams, nameof(InputStream))
    {
        BatchSize = BatchSize,
        BatchDelay = Duration.Finite(BatchDelay),
        Inspect = Inspection,
        MakeItems = SendsRequests ? element => [.. MakeRequests(element)] : null,
    };
}
