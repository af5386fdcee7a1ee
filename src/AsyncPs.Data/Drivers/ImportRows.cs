namespace AsyncPs.Data.Drivers;

/// <summary>
/// The rows of a batch: all their values in one array, and their objects in another. An array per row would live just long enough to be
/// copied by the garbage collector, a million times; these arrays are reused for each batch.
/// </summary>
/// <param name="width">The number of values in a row.</param>
internal sealed class ImportRows(int width)
{
    private const int FirstRoom = 256;

    private object?[] _inputs = [];
    private object?[] _values = [];

    /// <summary>The number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>A value.</summary>
    /// <param name="row">The position of the row, from zero.</param>
    /// <param name="column">The position of the value in the row, from zero.</param>
    public object? this[int row, int column] => _values[(row * width) + column];

    /// <summary>The object of a row.</summary>
    /// <param name="row">The position of the row, from zero.</param>
    public object? Input(int row) => _inputs[row];

    /// <summary>Adds a row of nulls.</summary>
    /// <param name="input">Its object.</param>
    /// <returns>The span for its values, valid until the next row is added.</returns>
    public Span<object?> Add(object? input)
    {
        if (Count == _inputs.Length)
        {
            int room = Math.Max(FirstRoom, Count * 2);
            Array.Resize(ref _inputs, room);
            Array.Resize(ref _values, room * width);
        }

        _inputs[Count] = input;
        return _values.AsSpan(Count++ * width, width);
    }

    /// <summary>Removes the rows and keeps the arrays.</summary>
    public void Clear()
    {
        Array.Clear(_inputs, 0, Count);
        Array.Clear(_values, 0, Count * width);
        Count = 0;
    }
}
