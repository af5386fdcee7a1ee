using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Loading;

/// <summary>Rows that are loaded together, and their progress: another attempt continues with the rest.</summary>
internal sealed class ImportBatch
{
    private readonly Stack<(int Start, int End)> _left = new();
    private readonly int _count;

    /// <summary>Creates a batch.</summary>
    /// <param name="firstRow">The number of its first row in the input, from 1.</param>
    /// <param name="rows">The rows.</param>
    public ImportBatch(long firstRow, ImportRows rows)
    {
        FirstRow = firstRow;
        Rows = rows;
        _count = rows.Count;
        _left.Push((0, _count));
    }

    /// <summary>The number of the first row in the input, from 1.</summary>
    public long FirstRow { get; }

    /// <summary>The rows, which belong to another batch once this one is done.</summary>
    public ImportRows Rows { get; }

    /// <summary>
    /// The errors of the rows that were left out, by position. The last attempt reports all of them.
    /// </summary>
    public SortedList<int, ErrorRecord> Bad { get; } = [];

    /// <summary>How many rows have been loaded.</summary>
    public long Loaded { get; private set; }

    /// <summary>Gets the rows to load next; false if there are none.</summary>
    public bool TryPeek(out (int Start, int End) range) => _left.TryPeek(out range);

    /// <summary>Notes that these rows were loaded.</summary>
    public void Done()
    {
        (int start, int end) = _left.Pop();
        Loaded += end - start;
    }

    /// <summary>Leaves out a row that prevented these rows from being loaded.</summary>
    /// <param name="row">The row, if the database reported it; otherwise it is searched by halves.</param>
    /// <returns>The row that is left out; null during the search.</returns>
    public int? Exclude(int? row)
    {
        (int start, int end) = _left.Pop();
        if (end - start == 1)
        {
            return start;
        }

        if (row is { } known && known >= start && known < end)
        {
            Push(known + 1, end);
            Push(start, known);
            return known;
        }

        int middle = start + ((end - start) / 2);
        Push(middle, end);
        Push(start, middle);
        return null;
    }

    /// <summary>The batch as views show it.</summary>
    public override string ToString() => $"rows {FirstRow} to {FirstRow + _count - 1}";

    private void Push(int start, int end)
    {
        if (start < end)
        {
            _left.Push((start, end));
        }
    }
}
