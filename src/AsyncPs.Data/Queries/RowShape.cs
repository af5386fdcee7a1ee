using System.Data.Common;
using System.Globalization;
using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Queries;

/// <summary>The columns of a result set. It converts rows to objects with one property per column.</summary>
internal sealed class RowShape
{
    private readonly string[] _names;
    private readonly Func<DbDataReader, int, object?>[] _readers;

    /// <summary>Reads the columns of a reader.</summary>
    public RowShape(IDatabaseDriver driver, DbDataReader reader)
    {
        _names = Names(reader);
        _readers = driver.CreateReaders(reader);
    }

    /// <summary>The reader's current row.</summary>
    public PSObject Read(DbDataReader reader)
    {
        PSObject row = EngineInternals.NewObject(_names.Length);
        PSMemberInfoCollection<PSPropertyInfo> properties = row.Properties;
        for (int i = 0; i < _names.Length; i++)
        {
            properties.Add(new PSNoteProperty(_names[i], Value(reader, i)), preValidated: true);
        }

        return row;
    }

    /// <summary>One value of the reader's current row.</summary>
    public object? Value(DbDataReader reader, int column) => _readers[column](reader, column) is var value and not DBNull ? value : null;

    // A property needs a name that is unique without regard to case. A column without a name, or with a duplicate name, gets a number.
    private static string[] Names(DbDataReader reader)
    {
        string[] names = new string[reader.FieldCount];
        HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < names.Length; i++)
        {
            string name = reader.GetName(i) is { Length: > 0 } own ? own : "column";
            string unique = name;
            for (int n = 2; !taken.Add(unique); n++)
            {
                unique = name + "_" + n.ToString(CultureInfo.InvariantCulture);
            }

            names[i] = unique;
        }

        return names;
    }
}
