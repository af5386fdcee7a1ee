using AsyncPs.Blocks.Capture;
using AsyncPs.Concurrency;
using AsyncPs.Resilience;

namespace AsyncPs.Blocks;

/// <summary>
/// A block of the caller that asynchronous code runs on the workers whenever it needs it. No thread waits for it, and it may outlive
/// the pipeline that it was given to.
/// </summary>
internal sealed class BackgroundBlock
{
    private readonly CallOptions _options;
    private readonly ScriptJob _job;

    /// <summary>Reads everything the block needs from the caller's session. On the caller's thread.</summary>
    /// <param name="block">The block.</param>
    /// <param name="arguments">Its arguments, or null.</param>
    /// <param name="capture">What it captures of the caller's session.</param>
    /// <param name="caller">The cmdlet that was given the block.</param>
    /// <exception cref="ConcurrentArgumentException">Something that the block names does not exist.</exception>
    public BackgroundBlock(ScriptBlock block, object?[]? arguments, CaptureOptions capture, PSCmdlet caller)
    {
        _options = new CallOptions(CallLimits.For(1)) { Source = CallSource.Of(caller), HasContext = ContextVariable.IsNamedIn(block) };
        _job = new ScriptJob([block], arguments, capture, WorkerScripts.None, caller);
    }

    /// <summary>Runs the block to its end; tasks and streams that it writes are awaited.</summary>
    /// <param name="input">The value of `$_`.</param>
    /// <param name="work">What the run is part of, for code on its thread; see <see cref="WorkItem.Current"/>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="live">Receives the records of the other streams as they are written; null adds them to the result.</param>
    /// <param name="lost">Receives the output of a block that failed or was stopped, after its end; or null.</param>
    /// <exception cref="RuntimeException">An error ended the block.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<BlockOutput> RunAsync(
        object? input,
        object? work,
        CancellationToken cancellationToken,
        Func<StreamRecord, ValueTask>? live = null,
        Func<IReadOnlyList<object?>, ValueTask>? lost = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ConcurrentCall call = _job.OpenCall(_options, limit: 1);
        bool ended = false;
        List<object?> written = [];
        try
        {
            call.TryAdd(input, work);
            BlockOutput output;
            await using (cancellationToken.UnsafeRegister(static call => ((ConcurrentCall)call!).Stop(), call).ConfigureAwait(false))
            {
                output = await CollectAsync(call, written, live).ConfigureAwait(false);
            }

            ended = true;
            return output;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            if (ended)
            {
                call.Dispose();
            }
            else
            {
                // Dispose waits until the stopped block has ended.
                await Task.Run(call.Dispose, CancellationToken.None).ConfigureAwait(false);
                if (lost is not null)
                {
                    await lost(written).ConfigureAwait(false);
                }
            }
        }
    }

    private static async Task<BlockOutput> CollectAsync(ConcurrentCall call, List<object?> output, Func<StreamRecord, ValueTask>? live)
    {
        List<StreamRecord> records = [];
        while (await call.ReadToEndAsync().ConfigureAwait(false) is { } record)
        {
            switch (record.Kind)
            {
                case StreamKind.Output:
                    output.Add(record.Data);
                    break;
                case StreamKind.Fatal:
                    throw (Exception)record.Data!;
                case StreamKind.Error when record.Item is { } item
                    && (ReferenceEquals(item.EndedBy, record.Data) || ReferenceEquals(item.AwaitError, record.Data)):
                    throw ErrorCauses.ExceptionOf((ErrorRecord)record.Data!);
                case var _ when live is not null:
                    await live(record with { Item = null }).ConfigureAwait(false);
                    break;
                case StreamKind.Progress:
                    break;
                default:
                    records.Add(record with { Item = null });
                    break;
            }
        }

        return new BlockOutput([.. output], records);
    }
}
