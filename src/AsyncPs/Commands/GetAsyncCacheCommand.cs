using AsyncPs.Blocks;
using AsyncPs.Blocks.Capture;
using AsyncPs.Caching;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Commands;

/// <summary>
/// Writes the value of a key. If the cache has none, a block computes it once for all concurrent callers. A concurrent block whose last
/// statement waits for the value holds no worker.
/// </summary>
[Cmdlet(VerbsCommon.Get, "AsyncCache")]
[OutputType(typeof(object))]
public sealed class GetAsyncCacheCommand : AsyncCommand
{
    /// <summary>The cache.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(VariableCompleter<AsyncCache>))]
    [ValidateNotNull]
    public AsyncCache Cache { get; set; } = null!;

    /// <summary>The key: any object; strings compare by case, arrays by their elements.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(CacheKeyCompleter))]
    public object Key { get; set; } = null!;

    /// <summary>Computes the value. It runs on a worker, with the key as its argument. Default: nothing is computed.</summary>
    [Parameter(Position = 2)]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>Writes a task of the value, which the block that writes it awaits, instead of waiting for the value.</summary>
    [Parameter]
    public SwitchParameter AsTask { get; set; }

    /// <inheritdoc/>
    private protected override WaitNote WaitsFor => WaitNote.Begin(WaitKind.CacheValue, Cache, ViewText.Of(Key));

    /// <inheritdoc/>
    private protected override async CommandStep ProcessAsync()
    {
        try
        {
            if (Cache.TryRead(Key, out object?[]? output, out bool isStale))
            {
                if (isStale && ScriptBlock is not null)
                {
                    Cache.Refresh(Key, Prepare);
                }

                Write(output);
            }
            else if (ScriptBlock is not null)
            {
                await ComputeAsync();
            }
        }
        catch (ObjectDisposedException e) when (e.ObjectName == nameof(AsyncCache))
        {
            ThrowTerminatingError(CacheErrors.CacheDisposed(e, Cache));
        }
    }

    private async CommandStep ComputeAsync()
    {
        WorkItem? item = WorkItem.Current;
        if (AsTask || ScriptScope.EndsWith(this))
        {
            WriteObject(HandOverAsync(item));
            return;
        }

        BlockOutput result;
        try
        {
            result = await WaitAsync(new ValueTask<BlockOutput>(Cache.GetAsync(Key, Prepare, Strand.Current, StopToken)));
        }
        catch (Exception e) when (e is not (PipelineStoppedException or ObjectDisposedException))
        {
            ThrowTerminatingError(CacheErrors.CacheComputationFailed(e, Key));
            throw;
        }

        var writer = new RecordWriter(this);
        foreach (StreamRecord record in result.Records)
        {
            writer.Write(record);
        }

        Write(result.Output);
    }

    // The item continues without a worker once the value is available, and then writes its output.
    private async Task<object?[]> HandOverAsync(WorkItem? item)
    {
        CancellationToken stopping = item is null ? CancellationToken.None : item.State?.Token ?? item.Call.CancellationToken;
        BlockOutput result;
        try
        {
            result = await Cache.GetAsync(Key, Prepare, item, stopping).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or ConcurrentArgumentException))
        {
            throw new RuntimeException(e.Message, e, CacheErrors.CacheComputationFailed(e, Key));
        }

        foreach (StreamRecord record in result.Records)
        {
            if (item is not null)
            {
                await item.WriteAsync(record.Kind, record.Data).ConfigureAwait(false);
            }
        }

        return result.Output;
    }

    // The block sees the caller's `$_`, as it would if it ran here.
    private Func<CancellationToken, Task<BlockOutput>> Prepare(CacheFlight flight)
    {
        var block = new BackgroundBlock(ScriptBlock!, [Key], CaptureOptions.Default, this);
        object? underscore = MyInvocation.ExpectingInput ? Key : GetVariableValue("_");
        return cancellationToken => block.RunAsync(underscore, flight, cancellationToken);
    }

    private void Write(object?[] output)
    {
        foreach (object? value in output)
        {
            WriteObject(value);
        }
    }
}
