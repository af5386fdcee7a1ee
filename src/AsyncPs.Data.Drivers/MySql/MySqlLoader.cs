using System.Globalization;
using System.Text.RegularExpressions;
using AsyncPs.Data.Loading;
using MySqlConnector;

namespace AsyncPs.Data.Drivers.MySql;

/// <summary>
/// Loads rows with LOAD DATA LOCAL. The server changes values that it cannot take, and warns. Here a warning is a failure, which rolls
/// the rows back.
/// </summary>
internal static partial class MySqlLoader
{
    // Error numbers without a name in the driver: local_infile is off on the server.
    private const MySqlErrorCode FilesAreDisabled = (MySqlErrorCode)3948;
    private const MySqlErrorCode FilesAreDisabledInMariaDb = (MySqlErrorCode)4166;

    /// <summary>Loads rows.</summary>
    /// <returns>False when the server does not accept this way, and nothing was loaded.</returns>
    /// <exception cref="RowException">A row could not be loaded.</exception>
    public static async ValueTask<bool> TryLoadAsync(
        MySqlConnection connection,
        MySqlTransaction transaction,
        BulkTable table,
        IReadOnlyList<InsertColumn> columns,
        ImportRows rows,
        int start,
        int end,
        CancellationToken cancellationToken)
    {
        await using var reader = new ImportReader(columns, rows, start, end);
        var copy = new MySqlBulkCopy(connection, transaction) { DestinationTableName = table.Name, BulkCopyTimeout = 0 };
        for (int i = 0; i < columns.Count; i++)
        {
            copy.ColumnMappings.Add(new MySqlBulkCopyColumnMapping(i, columns[i].Column.Name));
        }

        try
        {
            MySqlBulkCopyResult result = await copy.WriteToServerAsync(reader, cancellationToken).ConfigureAwait(false);
            if (result.Warnings.FirstOrDefault(static warning => warning.Level != "Note") is { } warning)
            {
                throw Bad(warning.Message, end - start);
            }

            return true;
        }
        catch (MySqlException e) when (e.ErrorCode is MySqlErrorCode.NotAllowedCommand or FilesAreDisabled or FilesAreDisabledInMariaDb)
        {
            return false;
        }
    }

    // The server reports the row, unless the failure is about several rows.
    private static Exception Bad(string message, int count)
        => Row().Match(message) is { Success: true } match
            && int.Parse(match.Groups["row"].Value, CultureInfo.InvariantCulture) is var row
            && row >= 1
            && row <= count
            ? new RowException(row - 1, message)
            : new InvalidOperationException(message);

    [GeneratedRegex(@" at row (?<row>\d+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();
}
