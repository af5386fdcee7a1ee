using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Measuring;

namespace AsyncPs.Streams;

/// <summary>
/// Feeds a call with the elements of streams as its items. Each element is taken when it can run, so an item of a queue stays there for
/// the first free reader. It uses a thread only while there is something to take and a place for it.
/// </summary>
internal sealed class StreamFeed
{
    private readonly ConcurrentCall _call;
    private readonly StreamSource _source;

    /// <summary>Creates the feed, which reads nothing before <see cref="RunAsync"/>.</summary>
    /// <param name="call">The call.</param>
    /// <param name="streams">The streams; several are merged as they come.</param>
    /// <param name="parameter">The parameter that they were given to.</param>
    /// <exception cref="ConcurrentArgumentException">A value cannot be read as a stream.</exception>
    public StreamFeed(ConcurrentCall call, object[] streams, string parameter)
    {
        _call = call;
        call.FedBy = streams;
        _source = StreamSource.Merge(streams, parameter, call.CancellationToken);
    }

    /// <summary>How many elements make an item, as an array; 0 for single elements.</summary>
    public int BatchSize { get; init; }

    /// <summary>How long the first element of a batch waits for others; null waits without limit.</summary>
    public TimeSpan? BatchDelay { get; init; }

    /// <summary>Makes the items of an element, on the pipeline thread; null if an element is an item as it is.</summary>
    public Func<object?, IReadOnlyList<ItemInput>>? MakeItems { get; init; }

    /// <summary>Inspects an element before it becomes an item, and returns a warning or null; null inspects none.</summary>
    public Func<object?, string?>? Inspect { get; init; }

    /// <summary>Runs until the streams have ended.</summary>
    /// <param name="cancellationToken">Canceled when no more items are wanted.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _source.IsReadBy(_call, _call.Options.Limits.InFlight);
        try
        {
            await (BatchSize > 0 ? FeedBatchesAsync(cancellationToken) : FeedAsync(cancellationToken)).ConfigureAwait(false);
        }
        finally
        {
            await _source.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task FeedAsync(CancellationToken cancellationToken)
    {
        await _call.WaitForPlaceAsync().ConfigureAwait(false);
        while (await MeasureAsync(_source.MoveNextAsync()).ConfigureAwait(false))
        {
            if (await IsElementAsync().ConfigureAwait(false))
            {
                await AddAsync(_source.Current.Data, _source.Detach(), cancellationToken).ConfigureAwait(false);
            }

            await _call.WaitForPlaceAsync().ConfigureAwait(false);
        }
    }

    private async Task FeedBatchesAsync(CancellationToken cancellationToken)
    {
        await using var batches = new BatchReader(_source, BatchSize, BatchDelay, WriteOtherAsync);
        await _call.WaitForPlaceAsync().ConfigureAwait(false);
        while (await MeasureAsync(batches.NextAsync()).ConfigureAwait(false) is var (elements, origin))
        {
            await AddAsync(new ItemInput(elements, null), origin, cancellationToken).ConfigureAwait(false);
            await _call.WaitForPlaceAsync().ConfigureAwait(false);
        }
    }

    // A place is free for the awaited element.
    private ValueTask<T> MeasureAsync<T>(ValueTask<T> reading)
    {
        return _call.Options.Statistics is { } statistics && !reading.IsCompleted ? MeasureAsync() : reading;

        async ValueTask<T> MeasureAsync()
        {
            using var time = new MeasuredTime(statistics.Input);
            return await reading.ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> IsElementAsync()
    {
        if (_source.Current.Kind == StreamKind.Output)
        {
            return true;
        }

        await WriteOtherAsync(_source.Current).ConfigureAwait(false);
        return false;
    }

    // Records of a producer that are not output are written like the call's own records.
    private ValueTask WriteOtherAsync(StreamRecord record) => _call.Output.WriteAsync(record with { Item = null });

    private async ValueTask AddAsync(object? element, IItemOrigin? origin, CancellationToken cancellationToken)
    {
        if (MakeItems is null)
        {
            await AddAsync(new ItemInput(element, null), origin, cancellationToken).ConfigureAwait(false);
            return;
        }

        IReadOnlyList<ItemInput> items;
        try
        {
            var question = new PipelineCall(() => MakeItems(element));
            await _call.Output.WriteAsync(new StreamRecord(null, StreamKind.PipelineCall, question)).ConfigureAwait(false);
            items = (IReadOnlyList<ItemInput>)(await question.Answer.WaitAsync(cancellationToken).ConfigureAwait(false))!;
        }
        catch (Exception)
        {
            origin?.Return(seen: false);
            throw;
        }

        if (items.Count > 1 && origin is not null)
        {
            origin = new SharedOrigin(origin, items.Count);
        }

        int begun = 0;
        try
        {
            while (begun < items.Count)
            {
                await AddAsync(items[begun++], origin, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // Each item has its part of the element, including those that will never be added.
            for (; begun < items.Count; begun++)
            {
                origin?.Return(seen: false);
            }

            throw;
        }
    }

    private async Task AddAsync(ItemInput item, IItemOrigin? origin, CancellationToken cancellationToken)
    {
        try
        {
            if (Inspect?.Invoke(item.Input) is { } warning)
            {
                await WriteOtherAsync(new StreamRecord(null, StreamKind.Warning, new WarningRecord(warning))).ConfigureAwait(false);
            }

            while (!_call.TryAdd(item.Input, item.Work, origin))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await _call.WaitForPlaceAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            origin?.Return(seen: false);
            throw;
        }
    }
}
