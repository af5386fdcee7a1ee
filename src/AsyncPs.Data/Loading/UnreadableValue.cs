namespace AsyncPs.Data.Loading;

/// <summary>Stands for a value that its object failed to return, for example from a script property.</summary>
/// <param name="Reason">The reason.</param>
internal sealed record UnreadableValue(string Reason)
{
    /// <summary>Throws if a value is unreadable.</summary>
    /// <param name="value">The value.</param>
    /// <param name="row">The position of its row among the rows to load.</param>
    /// <exception cref="RowException">The value is unreadable.</exception>
    public static void ThrowIfOne(object? value, int row)
    {
        if (value is UnreadableValue unreadable)
        {
            throw new RowException(row, unreadable.Reason);
        }
    }
}
