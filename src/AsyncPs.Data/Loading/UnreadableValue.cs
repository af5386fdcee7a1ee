namespace AsyncPs.Data.Loading;

/// <summary>Stands for a value that its object could not give: a property that is a script may fail.</summary>
/// <param name="Reason">Why.</param>
internal sealed record UnreadableValue(string Reason)
{
    /// <summary>Throws if a value is one.</summary>
    /// <param name="value">The value.</param>
    /// <param name="row">The position of its row among those that are loaded.</param>
    /// <exception cref="RowException">It is.</exception>
    public static void ThrowIfOne(object? value, int row)
    {
        if (value is UnreadableValue unreadable)
        {
            throw new RowException(row, unreadable.Reason);
        }
    }
}
