using System.Collections;

namespace AsyncPs.Jobs;

/// <summary>
/// The records of a stream in a ring buffer, from which the first ones are removed at no cost; PowerShell's own list moves all others for
/// each. It is used under the lock of its collection.
/// </summary>
internal sealed class RecordList<T> : IList<T>
{
    private const int Smallest = 4;

    private T[] _slots = [];
    private int _first;
    private int _count;
    private bool _wereRead;

    /// <summary>Called when a record was added.</summary>
    public Action? Added { get; set; }

    /// <summary>Called when records were removed.</summary>
    public Action? Removed { get; set; }

    /// <inheritdoc/>
    public int Count => Volatile.Read(ref _count);

    /// <inheritdoc/>
    public bool IsReadOnly => false;

    /// <summary>Whether the records were read since the last one was added.</summary>
    public bool WereRead => Volatile.Read(ref _wereRead);

    /// <summary>The first record, which does not count as a read; the default if there is none.</summary>
    public T? First => _count == 0 ? default : _slots[_first];

    /// <inheritdoc/>
    public T this[int index]
    {
        get
        {
            Volatile.Write(ref _wereRead, true);
            return _slots[Slot(Check(index))];
        }

        
        set => _slots[Slot(Check(index))] = value;
    }

    /// <inheritdoc/>
    public void Add(T item) => Insert(_count, item);

    /// <inheritdoc/>
    public void Insert(int index, T item)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)index, (uint)_count, nameof(index));
        if (_count == _slots.Length)
        {
            Grow();
        }

        Volatile.Write(ref _count, _count + 1);
        for (int i = _count - 1; i > index; i--)
        {
            _slots[Slot(i)] = _slots[Slot(i - 1)];
        }

        _slots[Slot(index)] = item;
        Volatile.Write(ref _wereRead, false);
        Added?.Invoke();
    }

    /// <inheritdoc/>
    public void RemoveAt(int index)
    {
        Check(index);
        for (int i = index; i > 0; i--)
        {
            _slots[Slot(i)] = _slots[Slot(i - 1)];
        }

        _slots[_first] = default!;
        _first = Slot(1);
        Volatile.Write(ref _count, _count - 1);
        if (_count == 0)
        {
            _slots = [];
            _first = 0;
        }

        Removed?.Invoke();
    }

    /// <inheritdoc/>
    public bool Remove(T item)
    {
        int index = IndexOf(item);
        if (index >= 0)
        {
            RemoveAt(index);
        }

        return index >= 0;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        _slots = [];
        _first = 0;
        Volatile.Write(ref _count, 0);
        Removed?.Invoke();
    }

    /// <inheritdoc/>
    public int IndexOf(T item)
    {
        for (int i = 0; i < _count; i++)
        {
            if (EqualityComparer<T>.Default.Equals(_slots[Slot(i)], item))
            {
                return i;
            }
        }

        return -1;
    }

    /// <inheritdoc/>
    public bool Contains(T item) => IndexOf(item) >= 0;

    /// <inheritdoc/>
    public void CopyTo(T[] array, int arrayIndex)
    {
        Volatile.Write(ref _wereRead, true);
        for (int i = 0; i < _count; i++)
        {
            array[arrayIndex + i] = _slots[Slot(i)];
        }
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator()
    {
        Volatile.Write(ref _wereRead, true);
        for (int i = 0; i < _count; i++)
        {
            yield return _slots[Slot(i)];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int Slot(int index)
    {
        int slot = _first + index;
        return slot < _slots.Length ? slot : slot - _slots.Length;
    }

    private int Check(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count, nameof(index));
        return index;
    }

    private void Grow()
    {
        var slots = new T[Math.Max(Smallest, _slots.Length * 2)];
        CopyTo(slots, 0);
        _slots = slots;
        _first = 0;
    }
}
