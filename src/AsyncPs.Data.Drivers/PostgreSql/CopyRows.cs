using AsyncPs.Data.Loading;
using Npgsql;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>The rows of one COPY.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Start">The first row to load.</param>
/// <param name="End">The row after the last one.</param>
internal sealed record CopyRows(NpgsqlConnection Connection, IReadOnlyList<BulkColumn> Columns, ImportRows Rows, int Start, int End)
{
    private readonly bool[] _takeText = [.. Columns.Select(static column => CopyColumns.TakesText(column.Type))];

    /// <summary>A value, or null for NULL. In columns that do not take text, an empty string is NULL.</summary>
    /// <exception cref="RowException">Its object failed to return it.</exception>
    public object? Value(int row, int column)
    {
        object? value = Rows[row, column];
        UnreadableValue.ThrowIfOne(value, row - Start);
        return !_takeText[column] && value is string { Length: 0 } ? null : value;
    }

    /// <summary>The error of a value that does not fit its column.</summary>
    public RowException Misfit(int row, int column, object value, Exception reason)
        => new(row - Start, Columns[column].Misfit(value, reason));

    /// <summary>Whether the server has to parse any of the values.</summary>
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
