using System.Collections;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using AsyncPs.Data.Loading;

namespace AsyncPs.Data.Drivers;

/// <summary>
/// Rows as a data reader, for bulk copies that need one. All values are converted before the first is read, so a value that does not fit
/// is found before anything is sent.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "It is a reader.")]
internal sealed class ImportReader : DbDataReader
{
    private readonly IReadOnlyList<InsertColumn> _columns;
    private readonly object[] _values;
    private int _row = -1;

    /// <summary>Converts rows.</summary>
    /// <exception cref="RowException">A row does not fit.</exception>
    public ImportReader(IReadOnlyList<InsertColumn> columns, ImportRows rows, int start, int end)
    {
        _columns = columns;
        _values = new object[(end - start) * columns.Count];
        for (int row = start; row < end; row++)
        {
            for (int i = 0; i < columns.Count; i++)
            {
                _values[((row - start) * columns.Count) + i] = Convert(columns[i], rows[row, i], row - start);
            }
        }
    }

    /// <summary>How many rows there are.</summary>
    public int Count => _columns.Count == 0 ? 0 : _values.Length / _columns.Count;

    /// <inheritdoc/>
    public override int FieldCount => _columns.Count;

    /// <inheritdoc/>
    public override bool HasRows => Count > 0;

    /// <inheritdoc/>
    public override bool IsClosed => _row >= Count;

    /// <inheritdoc/>
    public override int Depth => 0;

    /// <inheritdoc/>
    public override int RecordsAffected => -1;

    /// <inheritdoc/>
    public override object this[int ordinal] => GetValue(ordinal);

    /// <inheritdoc/>
    public override object this[string name] => GetValue(GetOrdinal(name));

    /// <inheritdoc/>
    public override bool Read() => ++_row < Count;

    /// <inheritdoc/>
    public override bool NextResult() => false;

    /// <inheritdoc/>
    public override object GetValue(int ordinal) => _values[(_row * _columns.Count) + ordinal];

    /// <inheritdoc/>
    public override bool IsDBNull(int ordinal) => GetValue(ordinal) is DBNull;

    /// <inheritdoc/>
    public override string GetName(int ordinal) => _columns[ordinal].Column.Name;

    /// <inheritdoc/>
    public override int GetOrdinal(string name)
        => Enumerable
            .Range(0, FieldCount)
            .Cast<int?>()
            .FirstOrDefault(i => GetName(i!.Value).Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new ArgumentOutOfRangeException(nameof(name));

    /// <inheritdoc/>
    public override int GetValues(object[] values)
    {
        int count = Math.Min(values.Length, FieldCount);
        for (int i = 0; i < count; i++)
        {
            values[i] = GetValue(i);
        }

        return count;
    }

    /// <inheritdoc/>
    public override Type GetFieldType(int ordinal) => typeof(object);

    /// <inheritdoc/>
    public override string GetDataTypeName(int ordinal) => _columns[ordinal].Column.Type;

    /// <inheritdoc/>
    public override IEnumerator GetEnumerator() => new DbEnumerator(this);

    /// <inheritdoc/>
    public override bool GetBoolean(int ordinal) => (bool)GetValue(ordinal);

    /// <inheritdoc/>
    public override byte GetByte(int ordinal) => (byte)GetValue(ordinal);

    /// <inheritdoc/>
    public override char GetChar(int ordinal) => (char)GetValue(ordinal);

    /// <inheritdoc/>
    public override DateTime GetDateTime(int ordinal) => (DateTime)GetValue(ordinal);

    /// <inheritdoc/>
    public override decimal GetDecimal(int ordinal) => (decimal)GetValue(ordinal);

    /// <inheritdoc/>
    public override double GetDouble(int ordinal) => (double)GetValue(ordinal);

    /// <inheritdoc/>
    public override float GetFloat(int ordinal) => (float)GetValue(ordinal);

    /// <inheritdoc/>
    public override Guid GetGuid(int ordinal) => (Guid)GetValue(ordinal);

    /// <inheritdoc/>
    public override short GetInt16(int ordinal) => (short)GetValue(ordinal);

    /// <inheritdoc/>
    public override int GetInt32(int ordinal) => (int)GetValue(ordinal);

    /// <inheritdoc/>
    public override long GetInt64(int ordinal) => (long)GetValue(ordinal);

    /// <inheritdoc/>
    public override string GetString(int ordinal) => (string)GetValue(ordinal);

    /// <inheritdoc/>
    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length)
        => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length)
        => throw new NotSupportedException();

    private static object Convert(InsertColumn column, object? value, int row)
    {
        UnreadableValue.ThrowIfOne(value, row);
        try
        {
            return (value is null ? null : column.Convert(value)) ?? DBNull.Value;
        }
        catch (Exception e) when (ColumnValues.IsMisfit(e))
        {
            throw new RowException(row, column.Column.Misfit(value!, e));
        }
    }
}
