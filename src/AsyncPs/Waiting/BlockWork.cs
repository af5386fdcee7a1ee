using AsyncPs.Concurrency;
using AsyncPs.Blocks;

namespace AsyncPs.Waiting;

/// <summary>A block that runs on a worker.</summary>
/// <param name="source">The caller's block.</param>
/// <param name="block">The block, ready to run.</param>
/// <param name="keepsErrors">Whether non-terminating errors are kept with its output, instead of being written at once.</param>
internal sealed class BlockWork(ScriptBlock source, BackgroundBlock block, bool keepsErrors) : WaitedWork(source)
{
    private readonly TaskCompletionSource _cancel = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<StreamRecord> _errors = [];
    private bool _hasErrors;
    private Task<object?[]>? _run;
    private BlockOutput? _output;

    /// <inheritdoc/>
    public override string Name => $"The block {{{Shortened(source.ToString())}}}";

    /// <inheritdoc/>
    public override bool IsCompleted => _run?.IsCompleted == true;

    /// <inheritdoc/>
    public override ConcurrentStatus Status => _run!.IsCanceled ? ConcurrentStatus.Canceled
        : _run.IsFaulted || _hasErrors ? ConcurrentStatus.Failed
        : ConcurrentStatus.Succeeded;

    /// <inheritdoc/>
    public override bool CanCancel => _run is not null;

    /// <inheritdoc/>
    public override object Handle => _run ?? Source;

    /// <summary>Starts the block.</summary>
    /// <param name="live">Writes the records of the other streams as they come; the token ends the wait.</param>
    public void Start(Func<StreamRecord, CancellationToken, ValueTask> live) => _run = RunAsync(live);

    /// <inheritdoc/>
    public override void Read(Action<StreamRecord> write)
    {
        _errors.ForEach(write);
        if (!_run!.IsCompletedSuccessfully)
        {
            write(Error(_run.Exception?.InnerException ?? new TaskCanceledException(_run)));
            return;
        }

        foreach (object? value in _output!.Output)
        {
            write(Output(value));
        }
    }

    /// <inheritdoc/>
    protected override Task WhenEnded() => _run!.WhenEnded();

    /// <inheritdoc/>
    protected override void CancelCore() => _cancel.TrySetResult();

    private static string Shortened(string text)
    {
        text = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length > 60 ? string.Concat(text.AsSpan(0, 57), "...") : text;
    }

    private async Task<object?[]> RunAsync(Func<StreamRecord, CancellationToken, ValueTask> live)
    {
        using var stop = new CancellationTokenSource();
        Task<BlockOutput> run = block.RunAsync(input: null, work: null, stop.Token, ReceiveAsync);
        if (await Task.WhenAny(run, _cancel.Task).ConfigureAwait(false) != run)
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }

        _output = await run.ConfigureAwait(false);
        return _output.Output;

        ValueTask ReceiveAsync(StreamRecord record)
        {
            bool isError = record.Kind == StreamKind.Error;
            _hasErrors |= isError;
            if (!isError || !keepsErrors)
            {
                return live(record, stop.Token);
            }

            _errors.Add(record);
            return default;
        }
    }
}
