namespace AsyncPs.Concurrency;

/// <summary>Objects that become one item when there are enough of them, or when the first has waited long enough.</summary>
/// <param name="size">The size of a full batch.</param>
/// <param name="delay">How long the first object waits for others; null waits without limit.</param>
/// <param name="timeProvider">The clock. Default: the system's.</param>
internal sealed class ItemBatch(int size, TimeSpan? delay, TimeProvider? timeProvider = null)
{
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;
    private readonly List<object?> _elements = new(Math.Min(size, 1024));
    private readonly List<IItemOrigin> _origins = [];
    private long _begunAt;

    /// <summary>Whether it is empty.</summary>
    public bool IsEmpty => _elements.Count == 0;

    /// <summary>Whether it is full.</summary>
    public bool IsFull => _elements.Count >= size;

    /// <summary>A copy of its objects.</summary>
    public object?[] Elements => [.. _elements];

    /// <summary>Whether its first object has waited long enough.</summary>
    public bool IsDue => !IsEmpty && TimeLeft <= TimeSpan.Zero;

    private TimeSpan? TimeLeft => delay - _time.GetElapsedTime(_begunAt);

    /// <summary>Adds an object.</summary>
    /// <param name="element">The object.</param>
    /// <param name="origin">Told how the object's item ends, or null.</param>
    public void Add(object? element, IItemOrigin? origin = null)
    {
        if (IsEmpty)
        {
            _begunAt = _time.GetTimestamp();
        }

        _elements.Add(element);
        if (origin is not null)
        {
            _origins.Add(origin);
        }
    }

    /// <summary>Waits for another object, but no longer than the first object may wait.</summary>
    /// <param name="move">Completes when the object is there.</param>
    /// <returns>False when the time ran out first.</returns>
    public async ValueTask<bool> IsInTimeAsync(Task move)
    {
        if (move.IsCompleted || IsEmpty || TimeLeft is not { } left)
        {
            return true;
        }

        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        using var waiting = new CancellationTokenSource();
        bool moved = await Task.WhenAny(move, Task.Delay(left, _time, waiting.Token)).ConfigureAwait(false) == move;
        await waiting.CancelAsync().ConfigureAwait(false);
        return moved;
    }

    /// <summary>Takes everything out.</summary>
    public (object?[] Elements, IItemOrigin? Origin) Take()
    {
        object?[] elements = Elements;
        IItemOrigin? origin = _origins.Count == 0 ? null : new BatchOrigin([.. _origins]);
        _elements.Clear();
        _origins.Clear();
        return (elements, origin);
    }

    /// <summary>Returns the objects to their origins.</summary>
    public void Return()
    {
        if (!IsEmpty)
        {
            Take().Origin?.Return(seen: false);
        }
    }

    private sealed class BatchOrigin(IItemOrigin[] origins) : IItemOrigin
    {
        public IReadOnlyList<object> Sources => [.. origins.SelectMany(static origin => origin.Sources).Distinct()];

        public void Finish() => Array.ForEach(origins, static origin => origin.Finish());

        public void Fail(ErrorRecord? error) => Array.ForEach(origins, origin => origin.Fail(error));

        // In reverse order, so that each goes back in front of the later ones.
        public void Return(bool seen)
        {
            for (int i = origins.Length - 1; i >= 0; i--)
            {
                origins[i].Return(seen);
            }
        }
    }
}
