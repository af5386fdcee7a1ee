using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Loading;

/// <summary>Rows that are loaded together, and how far that has come: another attempt goes on with what is left.</summary>
internal sealed class ImportBatch
{
    private readonly Stack<(int Start, int End)> _left = new();
    private readonly int _count;

    /// <summary>Takes rows.</summary>
    /// <param name="firstRow">The number of the first of them in the input, from 1.</param>
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

    /// <summary>The rows; of another batch once this one is done.</summary>
    public ImportRows Rows { get; }

    /// <summary>
    /// What is wrong with the rows that were left out, by their positions. Whichever attempt is the last has to tell of all of them.
    /// </summary>
    public SortedList<int, ErrorRecord> Bad { get; } = [];

    /// <summary>How many rows have been loaded.</summary>
    public long Loaded { get; private set; }

    /// <summary>The rows to load next, or false when there are none.</summary>
    public bool TryPeek(out (int Start, int End) range) => _left.TryPeek(out range);

    /// <summary>The rows to load next have been loaded.</summary>
    public void Done()
    {
        (int start, int end) = _left.Pop();
        Loaded += end - start;
    }

    /// <summary>One of the rows to load next has kept the others from being loaded: it is left out.</summary>
    /// <param name="row">Which, if the database has said so; the others are tried by halves if not.</param>
    /// <returns>The row that is left out; null while it is being searched.</returns>
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

    /// <summary>How the batch is shown as an item.</summary>
    public override string ToString() => $"rows {FirstRow} to {FirstRow + _count - 1}";

    private void Push(int start, int end)
    {
        if (start < end)
        {
            _left.Push((start, end));
        }
    }
}
