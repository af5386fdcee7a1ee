using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using AsyncPs.Data.Loading;
using Npgsql;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>Loads rows by COPY in binary.</summary>
internal static partial class CopyLoader
{
    private const string Columns = """
        select c.oid::regclass::text, a.attname::text, format_type(a.atttypid, null), a.atttypid >= 16384
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.oid = to_regclass($1) and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attnum
        """;

    /// <summary>Looks at a table.</summary>
    /// <returns>Null when there is none of that name, or it is none.</returns>
    public static async ValueTask<BulkTable?> DescribeAsync(DbConnection connection, DbTransaction? transaction, string table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Columns, (NpgsqlConnection)connection, (NpgsqlTransaction?)transaction);
        command.Parameters.Add(new NpgsqlParameter { Value = table });
        List<BulkColumn> columns = [];
        string name = table;
        try
        {
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                name = reader.GetString(0);
                columns.Add(new BulkColumn(reader.GetString(1), reader.GetString(2), reader.GetBoolean(3)));
            }
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidName or PostgresErrorCodes.SyntaxError or PostgresErrorCodes.FeatureNotSupported)
        {
            // No name, or one with too many parts.
        }

        return columns.Count == 0 ? null : new BulkTable(name, columns);
    }

    /// <summary>Loads rows.</summary>
    /// <exception cref="RowException">One of them could not be loaded.</exception>
    /// <exception cref="LoadException">The server takes no rows for the table.</exception>
    public static async ValueTask LoadAsync(
        DbConnection connection, BulkTable table, IReadOnlyList<BulkColumn> columns, ImportRows rows, int start, int end, CancellationToken cancellationToken)
    {
        CopyColumns.Writer[] writers = [.. columns.Select(static column => CopyColumns.Of(column.Type))];
        bool[] takeText = [.. columns.Select(static column => CopyColumns.TakesText(column.Type))];
        string names = string.Join(", ", columns.Select(static column => '"' + column.Name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"'));
        try
        {
            await using NpgsqlBinaryImporter importer = await BeginAsync((NpgsqlConnection)connection, $"copy {table.Name} ({names}) from stdin (format binary)", cancellationToken).ConfigureAwait(false);
            for (int row = start; row < end; row++)
            {
                await importer.StartRowAsync(cancellationToken).ConfigureAwait(false);
                for (int i = 0; i < writers.Length; i++)
                {
                    object? value = rows[row, i];
                    value = !takeText[i] && value is string { Length: 0 } ? null : value;
                    Task written = value is null ? importer.WriteNullAsync(cancellationToken) : Write(writers[i], importer, value, columns[i], row - start, cancellationToken);
                    await written.ConfigureAwait(false);
                }
            }

            await importer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.QueryCanceled)
        {
            // Its time was over at a row, which need not be a bad one.
            throw new LoadException(e);
        }
        catch (PostgresException e) when (LineOf(e) is { } line && line <= end - start)
        {
            throw new RowException(line - 1, Failures.Explain(e)!.Value.Message, e);
        }
        catch (PostgresException e) when (e is { Where: null, SqlState: PostgresErrorCodes.WrongObjectType or PostgresErrorCodes.FeatureNotSupported })
        {
            // Views and the like are found out only when the first row has come.
            throw new LoadException(e);
        }
    }

    private static async Task<NpgsqlBinaryImporter> BeginAsync(NpgsqlConnection connection, string copy, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.BeginBinaryImportAsync(copy, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e)
        {
            throw new LoadException(e);
        }
    }

    private static Task Write(CopyColumns.Writer writer, NpgsqlBinaryImporter importer, object value, BulkColumn column, int row, CancellationToken cancellationToken)
    {
        UnreadableValue.ThrowIfOne(value, row);
        try
        {
            return writer(importer, value, cancellationToken);
        }
        catch (Exception e) when (ColumnValues.IsMisfit(e))
        {
            throw new RowException(row, column.Misfit(value, e));
        }
    }

    // The server says at which row it was, unless the failure came after all of them.
    private static int? LineOf(PostgresException exception)
        => exception.Where is { } where && Line().Match(where) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"^COPY .+, line (\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}
