using AsyncPs.Data.Loading;
using Npgsql;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>What one COPY loads.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Start">The first of them to load.</param>
/// <param name="End">The first after it not to load.</param>
internal sealed record CopyRows(NpgsqlConnection Connection, IReadOnlyList<BulkColumn> Columns, ImportRows Rows, int Start, int End)
{
    private readonly bool[] _takeText = [.. Columns.Select(static column => CopyColumns.TakesText(column.Type))];

    /// <summary>A value, or null for NULL: an empty text is one in columns that do not take texts.</summary>
    /// <exception cref="RowException">Its object could not give it.</exception>
    public object? Value(int row, int column)
    {
        object? value = Rows[row, column];
        UnreadableValue.ThrowIfOne(value, row - Start);
        return !_takeText[column] && value is string { Length: 0 } ? null : value;
    }

    /// <summary>That a value does not fit its column.</summary>
    public RowException Misfit(int row, int column, object value, Exception reason)
        => new(row - Start, Columns[column].Misfit(value, reason));

    /// <summary>Whether there are texts that the server has to read.</summary>
    public bool AnyIsForServer()
    {
        for (int i = 0; i < Columns.Count; i++)
        {
            string type = Columns[i].Type;
            for (int row = Start; row < End; row++)
            {
                if (Rows[row, i] is not string { Length: 0 } and var value && CopyColumns.IsForServer(value, type))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
