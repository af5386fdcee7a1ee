using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Concurrency;
using AsyncPs.Streams;

namespace AsyncPs.Commands;

/// <summary>
/// Writes the elements of asynchronous streams to the pipeline as they arrive (asyncio's <c>async for</c>): those of New-AsyncStream,
/// queues, web sockets, and any <see cref="IAsyncEnumerable{T}"/> or channel of .NET.
/// </summary>
[Cmdlet(VerbsCommunications.Read, "AsyncStream")]
[OutputType(typeof(object))]
public sealed class ReadAsyncStreamCommand : AsyncCommand
{
    private readonly List<object> _streams = [];
    private RecordWriter? _writer;
    private bool _isWritten = true;

    /// <summary>The streams. Several are read at the same time, and their elements are written as they come.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StreamCompleter))]
    public object[] Stream { get; set; } = [];

    /// <summary>The largest number of elements to read. Default: all.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = int.MaxValue;

    /// <summary>How long to wait for each element. Default: no limit.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>How many elements of each stream to read ahead of the pipeline. Default: none.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Prefetch { get; set; }

    /// <summary>Writes one element of each stream in turn, rather than elements as they come.</summary>
    [Parameter]
    public SwitchParameter InTurn { get; set; }

    /// <inheritdoc/>
    private protected override WaitNote WaitsFor => WaitNote.Begin(WaitKind.Stream);

    /// <inheritdoc/>
    private protected override void Process()
    {
        foreach (object stream in Stream)
        {
            _streams.Add(stream);
        }
    }

    /// <inheritdoc/>
    private protected override async CommandStep EndAsync()
    {
        _writer = new RecordWriter(this);
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        StreamSource source = Open(reading.Token);
        bool ended = false;
        try
        {
            await ReadAsync(source, reading);
            ended = true;
        }
        catch (Exception e)
        {
            if (!_isWritten && !IsEnough(e))
            {
                source.Return(seen: true);
            }

            throw;
        }
        finally
        {
            reading.Cancel();
            Close(source, ended);
        }
    }

    private StreamSource Open(CancellationToken stopping)
    {
        StreamSource[] sources = [.. _streams.Select(stream => Open(stream, stopping))];
        return sources.Length == 1 ? sources[0]
            : InTurn ? new InTurnSource(sources)
            : new MergedSource(sources);
    }

    private StreamSource Open(object stream, CancellationToken stopping)
    {
        StreamSource source = StreamSource.Open(stream, stopping) ?? throw StreamErrors.NotAStream(nameof(Stream), stream);

        // An item of a queue is for the first reader that is free, so none is read ahead. Nor is anything when only available elements
        // count.
        return Prefetch > 0 && Timeout != TimeSpan.Zero && source is not QueueSource
            ? new PrefetchSource(source, Prefetch, stopping)
            : source;
    }

    private async CommandStep ReadAsync(StreamSource source, CancellationTokenSource reading)
    {
        for (int read = 0; read < Count && await TryMoveAsync(source, reading);)
        {
            if (IsStopping)
            {
                source.Return(seen: false);
                throw new PipelineStoppedException();
            }

            _isWritten = false;
            _writer!.Write(source.Current);
            _isWritten = true;
            read += source.Current.Kind == StreamKind.Output ? 1 : 0;
        }
    }

    private async CommandStep<bool> TryMoveAsync(StreamSource source, CancellationTokenSource reading)
    {
        ValueTask<bool> move = source.MoveNextAsync();
        if (move.IsCompletedSuccessfully)
        {
            return move.Result;
        }

        reading.CancelAfter(Timeout);
        try
        {
            return await WaitAsync(move);
        }
        catch (OperationCanceledException) when (reading.IsCancellationRequested && !StopToken.IsCancellationRequested)
        {
            WriteError(StreamErrors.StreamReadTimeout(Timeout));
            return false;
        }
        catch (Exception e) when (e is not (PipelineStoppedException or ConcurrentArgumentException))
        {
            ThrowTerminatingError(StreamErrors.StreamFailed(e));
            throw;
        }
        finally
        {
            reading.CancelAfter(System.Threading.Timeout.InfiniteTimeSpan);
        }
    }

    private void Close(StreamSource source, bool ended)
    {
        try
        {
            Wait(source.DisposeAsync());
        }
        catch (Exception e) when (!ended && e is not PipelineStoppedException)
        {
            // The error that ended the reading takes precedence.
        }
    }
}
