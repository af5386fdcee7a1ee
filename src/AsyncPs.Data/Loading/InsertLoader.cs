using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Loading;

/// <summary>Loads rows with one INSERT statement, run for each row: for databases without a faster way.</summary>
internal static partial class InsertLoader
{
    /// <summary>Describes a table by a query that returns no rows.</summary>
    /// <param name="driver">The driver.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction, or null.</param>
    /// <param name="table">The table.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="quote">Quotes a name. Default: in the way of the SQL standard.</param>
    /// <returns>Null if no table has that name, or the name has other parts than words and quoted names.</returns>
    public static async ValueTask<BulkTable?> DescribeAsync(
        IDatabaseDriver driver,
        DbConnection connection,
        DbTransaction? transaction,
        string table,
        CancellationToken cancellationToken,
        Func<string, string>? quote = null)
    {
        if (!TableName().IsMatch(table))
        {
            return null;
        }

        // A plain word may be a keyword of SQL.
        return await LookAsync(driver, connection, transaction, table, cancellationToken)
            ?? (Word().IsMatch(table)
                ? await LookAsync(driver, connection, transaction, quote?.Invoke(table) ?? $"\"{table}\"", cancellationToken)
                : null);
    }

    /// <summary>Loads rows.</summary>
    /// <exception cref="RowException">A row could not be loaded.</exception>
    /// <exception cref="LoadException">No row can be loaded: the statement is not accepted, if the driver prepares it before its first
    /// row.</exception>
    public static async ValueTask LoadAsync(
        IDatabaseDriver driver,
        DbConnection connection,
        DbTransaction transaction,
        string table,
        IReadOnlyList<InsertColumn> columns,
        ImportRows rows,
        int start,
        int end,
        CancellationToken cancellationToken)
    {
        string[] names = [.. Enumerable.Range(0, columns.Count).Select(static i => "p" + i.ToString(CultureInfo.InvariantCulture))];
        await using DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText =
            $"insert into {table} ({string.Join(", ", columns.Select(static column => column.Sql))}) values "
                + $"({string.Join(", ", names.Select(static n => "@" + n))})";
        if (driver.PreparesInserts)
        {
            await PrepareAsync(driver, command, cancellationToken);
        }

        for (int row = start; row < end; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            command.Parameters.Clear();
            try
            {
                for (int i = 0; i < names.Length; i++)
                {
                    Add(driver, command, names[i], rows[row, i], columns[i], row - start);
                }

                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (Exception e) when (driver.Explain(e) is { IsConnection: false, IsTransient: false, IsOfAll: false } failure)
            {
                throw new RowException(row - start, failure.Message, e);
            }
        }
    }

    private static async ValueTask<BulkTable?> LookAsync(
        IDatabaseDriver driver,
        DbConnection connection,
        DbTransaction? transaction,
        string table,
        CancellationToken cancellationToken)
    {
        await using DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"select * from {table} where 1 = 0";
        try
        {
            await using DbDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            return new BulkTable(
                table,
                [.. Enumerable.Range(0, reader.FieldCount).Select(i => new BulkColumn(reader.GetName(i), reader.GetDataTypeName(i)))]);
        }
        catch (Exception e) when (driver.Explain(e) is { IsConnection: false, IsTransient: false })
        {
            return null;
        }
    }

    private static async ValueTask PrepareAsync(IDatabaseDriver driver, DbCommand command, CancellationToken cancellationToken)
    {
        try
        {
            await command.PrepareAsync(cancellationToken);
        }
        catch (Exception e) when (driver.Explain(e) is { IsConnection: false, IsTransient: false })
        {
            throw new LoadException(e);
        }
    }

    private static void Add(IDatabaseDriver driver, DbCommand command, string name, object? value, InsertColumn column, int row)
    {
        UnreadableValue.ThrowIfOne(value, row);
        try
        {
            driver.AddParameter(command, name, value is null ? null : column.Convert(value), type: null);
        }
        catch (Exception e)
            when (e is NotSupportedException or OverflowException or FormatException or InvalidCastException or ArgumentException)
        {
            throw new RowException(row, column.Column.Misfit(value!, e));
        }
    }

    [GeneratedRegex(@"^\w+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    // Without backslashes, because some databases take one as an escape for the quote after it.
    [GeneratedRegex(
        @"^(?:(\w+|""([^""\\]|"""")+""|`([^`\\]|``)+`|\[[^\]\\]+\])(\.(?!\z)|\z)){1,3}\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex TableName();
}
