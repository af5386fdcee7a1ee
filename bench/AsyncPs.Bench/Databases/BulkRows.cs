using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using Npgsql;
using NpgsqlTypes;

namespace AsyncPs.Bench.Databases;

/// <summary>
/// The rows of a bulk load: as objects, like those of Import-Csv or a query, and in a file. The table has a primary key.
/// </summary>
internal sealed class BulkRows
{
    public const int Count = 1_000_000;
    public const string Table = "bulk";

    private readonly PSObject[] _rows;

    /// <summary>Creates the rows and the table.</summary>
    public BulkRows()
    {
        DatabaseServer.Shared.Execute($"create table {Table} (id integer primary key, name text not null, price numeric(10, 2))");
        File = Path.GetTempFileName();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => System.IO.File.Delete(File);
        System.IO.File.WriteAllLines(
            File,
            Enumerable.Range(1, Count).Select(static i => string.Create(CultureInfo.InvariantCulture, $"{i},{Name(i)},{Price(i)}")));
        _rows = [.. Enumerable.Range(1, Count).Select(static i => Row(i))];
    }

    /// <summary>The file with the rows.</summary>
    public string File { get; }

    /// <summary>Empties the table.</summary>
    public static void Empty() => DatabaseServer.Shared.Execute($"truncate {Table}");

    /// <summary>Loads the rows by Import-ConcurrentData; in seconds.</summary>
    public double Import(Session session)
    {
        Empty();
        session.Set("rows", _rows);
        return session.Time($"$rows | Import-ConcurrentData $db {Table}") / 1000;
    }

    /// <summary>Loads the rows by a binary COPY; in seconds.</summary>
    public double Copy()
    {
        Empty();
        long start = Stopwatch.GetTimestamp();
        using (NpgsqlConnection connection = DatabaseServer.Shared.Source.OpenConnection())
        {
            using NpgsqlBinaryImporter importer = connection.BeginBinaryImport(
                $"copy {Table} (id, name, price) from stdin (format binary)");
            foreach (PSObject row in _rows)
            {
                importer.StartRow();
                importer.Write((int)row.Properties["id"].Value, NpgsqlDbType.Integer);
                importer.Write((string)row.Properties["name"].Value, NpgsqlDbType.Text);
                importer.Write((decimal)row.Properties["price"].Value, NpgsqlDbType.Numeric);
            }

            importer.Complete();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"item {i}");

    private static decimal Price(int i) => new(i % 1000, 0, 0, false, 2);

    private static PSObject Row(int i)
    {
        // With a capacity, as Import-Csv creates them. The engine keeps objects without one in a table, and a million of these costs every
        // collection of garbage 25 ms.
        var row = new PSObject(3);
        row.Properties.Add(new PSNoteProperty("id", i));
        row.Properties.Add(new PSNoteProperty("name", Name(i)));
        row.Properties.Add(new PSNoteProperty("price", Price(i)));
        return row;
    }
}
