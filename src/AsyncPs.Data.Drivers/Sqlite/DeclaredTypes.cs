using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AsyncPs.Data.Drivers.Sqlite;

/// <summary>The declared types of columns. The driver reports BLOB for columns without one.</summary>
internal static class DeclaredTypes
{
    /// <summary>The columns of a table, with their declared types without the part in brackets.</summary>
    public static IReadOnlyList<BulkColumn> Of(SqliteConnection connection, BulkTable table)
    {
        raw.sqlite3_prepare_v2(connection.Handle, $"select * from {table.Name} where 1 = 0", out sqlite3_stmt statement);
        using (statement)
        {
            return [.. table.Columns.Select((column, i) => column with
            {
                Type = Bare(raw.sqlite3_column_decltype(statement, i).utf8_to_string() ?? ""),
            })];
        }
    }

    private static string Bare(string type) => type.Split('(')[0].TrimEnd();
}
