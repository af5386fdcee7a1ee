using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Streams;

namespace AsyncPs.Commands;

/// <summary>
/// Collects objects of the pipeline, or of queues and streams, into batches. Writes each batch as an array: when it is full, when its
/// first object has waited long enough, and at the end.
/// </summary>
[Cmdlet(VerbsData.Group, "AsyncBatch", DefaultParameterSetName = ObjectSet)]
[OutputType(typeof(object[]))]
public sealed class GroupAsyncBatchCommand : AsyncCommand
{
    private const string ObjectSet = "InputObject";
    private const string StreamSet = "InputStream";

    private ItemBatch? _batch;
    private bool _delivering;

    /// <summary>The size of a full batch, from 1.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("BatchSize")]
    [ValidateRange(1, int.MaxValue)]
    public int Size { get; set; }

    /// <summary>
    /// How long the first object of a batch waits for others; a number means seconds. Default: until the batch is full or the input ends.
    /// </summary>
    [Parameter(Position = 1)]
    [Alias("BatchDelay")]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Delay { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>The objects.</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = ObjectSet)]
    [System.Management.Automation.AllowNull]
    public object? InputObject { get; set; }

    /// <summary>Queues and streams whose elements are collected; several are merged as their elements arrive.</summary>
    [Parameter(Mandatory = true, ParameterSetName = StreamSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StreamCompleter))]
    public object[] InputStream { get; set; } = [];

    private TimeSpan? FiniteDelay => Duration.Finite(Delay);

    /// <inheritdoc/>
    private protected override void Begin() => _batch = new ItemBatch(Size, FiniteDelay);

    /// <inheritdoc/>
    private protected override void Process()
    {
        if (ParameterSetName == StreamSet
            || !(MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey(nameof(InputObject))))
        {
            return;
        }

        if (_batch!.IsDue)
        {
            WriteObject(_batch.Take().Elements);
        }

        _batch.Add(InputObject);
        if (_batch.IsFull)
        {
            WriteObject(_batch.Take().Elements);
        }
    }

    /// <inheritdoc/>
    private protected override async CommandStep EndAsync()
    {
        if (ParameterSetName == StreamSet)
        {
            await ReadStreamsAsync();
        }
        else if (!_batch!.IsEmpty)
        {
            WriteObject(_batch.Take().Elements);
        }
    }

    private async CommandStep ReadStreamsAsync()
    {
        var writer = new RecordWriter(this);
        var work = new PipelineDispatcher();
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        StreamSource source = StreamSource.Merge(InputStream, nameof(InputStream), reading.Token);
        var batches = new BatchReader(
            source,
            Size,
            FiniteDelay,
            async record => await work.DoAsync<object?>(() => { writer.Write(record); return null; }).ConfigureAwait(false));
        try
        {
            while (await ServeUntilEndAsync(work, batches.NextAsync().AsTask()) is var (elements, origin))
            {
                Deliver(elements, origin);
            }
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception e)
            when (e is not (PipelineStoppedException or ConcurrentArgumentException or FlowControlException) && !_delivering)
        {
            ThrowTerminatingError(StreamErrors.StreamFailed(e));
        }
        finally
        {
            reading.Cancel();
            WaitForCleanUp(CloseAsync(batches, source));
        }
    }

    private void Deliver(object?[] elements, IItemOrigin? origin)
    {
        if (Stopping)
        {
            origin?.Return(seen: false);
            throw new PipelineStoppedException();
        }

        _delivering = true;
        try
        {
            WriteObject(elements);
        }
        catch (Exception e)
        {
            if (IsEnough(e))
            {
                origin?.Finish();
            }
            else
            {
                origin?.Return(seen: true);
            }

            throw;
        }

        _delivering = false;
        origin?.Finish();
    }

    private static async ValueTask CloseAsync(BatchReader batches, StreamSource source)
    {
        await batches.DisposeAsync().ConfigureAwait(false);
        await source.DisposeAsync().ConfigureAwait(false);
    }
}
