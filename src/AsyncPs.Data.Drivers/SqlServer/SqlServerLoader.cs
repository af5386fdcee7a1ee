using AsyncPs.Data.Loading;
using Microsoft.Data.SqlClient;

namespace AsyncPs.Data.Drivers.SqlServer;

/// <summary>
/// Loads rows with a bulk copy, checking the constraints and firing the triggers of the table. The server does not report which row was
/// wrong.
/// </summary>
internal static class SqlServerLoader
{
    private const SqlBulkCopyOptions Options
        =
            SqlBulkCopyOptions.CheckConstraints | SqlBulkCopyOptions.FireTriggers | SqlBulkCopyOptions.KeepNulls
                | SqlBulkCopyOptions.KeepIdentity;

    /// <summary>Loads rows.</summary>
    /// <exception cref="RowException">A row does not fit.</exception>
    public static async ValueTask LoadAsync(
        SqlConnection connection,
        SqlTransaction transaction,
        BulkTable table,
        IReadOnlyList<InsertColumn> columns,
        ImportRows rows,
        int start,
        int end,
        CancellationToken cancellationToken)
    {
        await using var reader = new ImportReader(columns, rows, start, end);
        using var copy = new SqlBulkCopy(
            connection,
            Options,
            transaction) { DestinationTableName = table.Name, BulkCopyTimeout = 0, EnableStreaming = true };
        for (int i = 0; i < columns.Count; i++)
        {
            copy.ColumnMappings.Add(i, columns[i].Column.Name);
        }

        await copy.WriteToServerAsync(reader, cancellationToken).ConfigureAwait(false);
    }
}
