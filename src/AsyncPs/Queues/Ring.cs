namespace AsyncPs.Queues;

/// <summary>A ring buffer of items that can be taken from either end. It grows as needed and shrinks when it is empty.</summary>
internal sealed class Ring
{
    private const int Smallest = 16;

    // The largest buffer that an idle queue keeps.
    private const int LargestIdle = 1024;

    private QueueEntry[] _slots = new QueueEntry[Smallest];
    private int _first;

    /// <summary>The number of items.</summary>
    public int Count { get; private set; }

    /// <summary>The first item. There must be one.</summary>
    public ref readonly QueueEntry First => ref _slots[_first];

    /// <summary>The last item. There must be one.</summary>
    public ref readonly QueueEntry Last => ref _slots[(_first + Count - 1) & (_slots.Length - 1)];

    /// <summary>Adds an item at the end.</summary>
    public void Add(in QueueEntry entry)
    {
        if (Count == _slots.Length)
        {
            Grow();
        }

        _slots[(_first + Count) & (_slots.Length - 1)] = entry;
        Count++;
    }

    /// <summary>Takes the first item. There must be one.</summary>
    public QueueEntry TakeFirst()
    {
        QueueEntry entry = _slots[_first];
        _slots[_first] = default;
        _first = (_first + 1) & (_slots.Length - 1);
        Count--;
        ShrinkIfEmpty();
        return entry;
    }

    /// <summary>Takes the last item. There must be one.</summary>
    public QueueEntry TakeLast()
    {
        int last = (_first + Count - 1) & (_slots.Length - 1);
        QueueEntry entry = _slots[last];
        _slots[last] = default;
        Count--;
        ShrinkIfEmpty();
        return entry;
    }

    /// <summary>Drops all items.</summary>
    public void Clear()
    {
        _slots = new QueueEntry[Smallest];
        _first = 0;
        Count = 0;
    }

    private void Grow()
    {
        var slots = new QueueEntry[_slots.Length * 2];
        Array.Copy(_slots, _first, slots, 0, _slots.Length - _first);
        Array.Copy(_slots, 0, slots, _slots.Length - _first, _first);
        _slots = slots;
        _first = 0;
    }

    private void ShrinkIfEmpty()
    {
        if (Count == 0 && _slots.Length > LargestIdle)
        {
            Clear();
        }
    }
}
