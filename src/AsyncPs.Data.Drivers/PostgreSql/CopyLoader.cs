using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using AsyncPs.Data.Loading;
using Npgsql;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>Loads rows with COPY: in binary, or as text if the server has to parse strings, as it does in a query.</summary>
internal static partial class CopyLoader
{
    // A domain is loaded as its base type.
    private const string Columns = """
        select c.oid::regclass::text, a.attname::text, format_type(case t.typtype when 'd' then t.typbasetype else t.oid end, null),
            a.atttypid >= 16384
        from pg_class c join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
        where c.oid = to_regclass($1) and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attnum
        """;

    /// <summary>Describes a table.</summary>
    /// <returns>Null if the name is not valid, or no table has it.</returns>
    public static async ValueTask<BulkTable?> DescribeAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string table,
        CancellationToken cancellationToken)
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
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.InvalidName or PostgresErrorCodes.SyntaxError or PostgresErrorCodes.FeatureNotSupported)
        {
            // Not a valid name, or one with too many parts.
        }

        return columns.Count == 0 ? null : new BulkTable(name, columns);
    }

    /// <summary>Loads rows.</summary>
    /// <exception cref="RowException">A row could not be loaded.</exception>
    /// <exception cref="LoadException">The server accepts no rows for the table.</exception>
    public static async ValueTask LoadAsync(
        DbConnection connection,
        BulkTable table,
        IReadOnlyList<BulkColumn> columns,
        ImportRows rows,
        int start,
        int end,
        CancellationToken cancellationToken)
    {
        var copy = new CopyRows((NpgsqlConnection)connection, columns, rows, start, end);
        string names = string.Join(
            ", ",
            columns.Select(static column => '"' + column.Name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"'));
        string command = $"copy {table.Name} ({names}) from stdin";
        try
        {
            await (copy.AnyIsForServer()
                ? TextCopy.RunAsync(copy, command, cancellationToken)
                : BinaryCopy.RunAsync(copy, command + " (format binary)", cancellationToken)).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.QueryCanceled)
        {
            // The load timed out at a row, which need not be a bad one.
            throw new LoadException(e);
        }
        catch (PostgresException e) when (PlaceOf(e) is (int line, var column) && line <= end - start)
        {
            throw new RowException(line - 1, (column.Length > 0 ? $"The column {column}: " : "") + Failures.Explain(e)!.Value.Message, e);
        }
        catch (PostgresException e)
            when (e is { Where: null, SqlState: PostgresErrorCodes.WrongObjectType or PostgresErrorCodes.FeatureNotSupported })
        {
            // The server refuses views and the like only when the first row has arrived.
            throw new LoadException(e);
        }
    }

    /// <summary>Begins a COPY.</summary>
    /// <exception cref="LoadException">The server does not accept it.</exception>
    public static async Task<T> BeginAsync<T>(Func<Task<T>> begin)
    {
        try
        {
            return await begin().ConfigureAwait(false);
        }
        catch (PostgresException e)
        {
            throw new LoadException(e);
        }
    }

    // The server reports the row, and sometimes the column, unless the failure came after all rows.
    private static (int Line, string Column)? PlaceOf(PostgresException exception)
        => exception.Where is { } where && Place().Match(where) is { Success: true } match
            ? (int.Parse(match.Groups["line"].Value, CultureInfo.InvariantCulture), match.Groups["column"].Value)
            : null;

    [GeneratedRegex(
        @"^COPY .+, line (?<line>\d+)(, column (?<column>[^:]+))?",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Place();
}
