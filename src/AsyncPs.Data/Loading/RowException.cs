namespace AsyncPs.Data.Loading;

/// <summary>Thrown when a driver cannot load a row, and knows which one.</summary>
/// <param name="row">Its position among the rows to load, from zero.</param>
/// <param name="message">What is wrong with it.</param>
/// <param name="inner">The cause, or null.</param>
internal sealed class RowException(int row, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The position of the row among the rows to load, from zero.</summary>
    public int Row { get; } = row;
}
