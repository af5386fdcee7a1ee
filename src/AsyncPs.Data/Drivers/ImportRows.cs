namespace AsyncPs.Data.Drivers;

/// <summary>
/// The rows of a batch: all their values in one array, and the objects they are of in another. An array a row would live just long enough
/// to be copied by the garbage collector, a million times; these are used for batch after batch.
/// </summary>
/// <param name="width">How many values a row has.</param>
internal sealed class ImportRows(int width)
{
    private const int FirstRoom = 256;

    private object?[] _inputs = [];
    private object?[] _values = [];

    /// <summary>How many rows there are.</summary>
    public int Count { get; private set; }

    /// <summary>A value.</summary>
    /// <param name="row">The position of the row, from zero.</param>
    /// <param name="column">The position of the value in the row, from zero.</param>
    public object? this[int row, int column] => _values[(row * width) + column];

    /// <summary>The object that a row is of.</summary>
    /// <param name="row">The position of the row, from zero.</param>
    public object? Input(int row) => _inputs[row];

    /// <summary>Adds a row of nulls.</summary>
    /// <param name="input">The object that it is of.</param>
    /// <returns>Where its values go; until the next is added.</returns>
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

    /// <summary>Lets go of the rows; the room stays.</summary>
    public void Clear()
    {
        Array.Clear(_inputs, 0, Count);
        Array.Clear(_values, 0, Count * width);
        Count = 0;
    }
}
