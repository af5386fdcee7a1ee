using System.Diagnostics;
using AsyncPs.Concurrency;

namespace AsyncPs.Streams;

/// <summary>Elements of a stream that become one item of a call.</summary>
/// <param name="size">How many a full batch has.</param>
internal sealed class FeedBatch(int size)
{
    private readonly List<object?> _elements = new(Math.Min(size, 1024));
    private readonly List<IItemOrigin> _origins = [];
    private long _begunAt;

    /// <summary>Whether there is nothing in it.</summary>
    public bool IsEmpty => _elements.Count == 0;

    /// <summary>Whether nothing more goes into it.</summary>
    public bool IsFull => _elements.Count >= size;

    /// <summary>Adds an element.</summary>
    public void Add(object? element, IItemOrigin? origin)
    {
        if (IsEmpty)
        {
            _begunAt = Stopwatch.GetTimestamp();
        }

        _elements.Add(element);
        if (origin is not null)
        {
            _origins.Add(origin);
        }
    }

    /// <summary>Waits for another element, but no longer than the first may wait.</summary>
    /// <returns>False when the time was over first.</returns>
    public async ValueTask<bool> IsInTimeAsync(Task move, TimeSpan delay)
    {
        TimeSpan left = delay - Stopwatch.GetElapsedTime(_begunAt);
        if (move.IsCompleted)
        {
            return true;
        }

        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        using var waiting = new CancellationTokenSource();
        bool moved = await Task.WhenAny(move, Task.Delay(left, waiting.Token)).ConfigureAwait(false) == move;
        await waiting.CancelAsync().ConfigureAwait(false);
        return moved;
    }

    /// <summary>Takes everything out.</summary>
    public (object?[] Elements, IItemOrigin? Origin) Take()
    {
        object?[] elements = [.. _elements];
        IItemOrigin? origin = _origins.Count == 0 ? null : new BatchOrigin([.. _origins]);
        _elements.Clear();
        _origins.Clear();
        return (elements, origin);
    }

    /// <summary>What is in it goes back to where it came from.</summary>
    public void GiveBack()
    {
        if (!IsEmpty)
        {
            Take().Origin?.GiveBack(seen: false);
        }
    }

    private sealed class BatchOrigin(IItemOrigin[] origins) : IItemOrigin
    {
        public void Finish() => Array.ForEach(origins, static origin => origin.Finish());

        public void GiveBack(bool seen) => Array.ForEach(origins, origin => origin.GiveBack(seen));
    }
}
