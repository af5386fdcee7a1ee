namespace AsyncPs.Data.Loading;

/// <summary>A driver could not load a row, and knows which.</summary>
/// <param name="row">Its position among those that were to be loaded, from zero.</param>
/// <param name="message">What is wrong with it.</param>
/// <param name="inner">What has been thrown, or null.</param>
internal sealed class RowException(int row, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The position of the row among those that were to be loaded, from zero.</summary>
    public int Row { get; } = row;
}
