using System.Data.Common;
using System.Globalization;
using System.Numerics;
using System.Text;
using AsyncPs.Http.Json;
using MySqlConnector;

namespace AsyncPs.Data.Drivers.MySql;

/// <summary>Converts values of MySQL to the .NET values that scripts expect.</summary>
internal static class MySqlValues
{
    /// <summary>How values of a type are read.</summary>
    /// <param name="type">The driver's name of the type.</param>
    public static Func<DbDataReader, int, object?> ReaderOf(string type) => type switch
    {
        "DATE"
            => static (row, column) => row.GetValue(column) is var value && value is MySqlDateTime { IsValidDateTime: true } date
                ? DateOnly.FromDateTime(date.GetDateTime())
                : Shown(value, "D4", isDay: true),
        "DATETIME" or "TIMESTAMP"
            => static (row, column) => row.GetValue(column) is var value && value is MySqlDateTime { IsValidDateTime: true } time
                ? time.GetDateTime()
                : Shown(value, "D4", isDay: false),
        "DECIMAL" => ReadNumber,
        "JSON"
            => static (row, column) => row.IsDBNull(column)
                ? DBNull.Value
                : JsonObjects.Parse(Encoding.UTF8.GetBytes(row.GetString(column)), keepsAllNames: true).Value,
        _ => static (row, column) => row.GetValue(column),
    };

    // The month or the day may be 0, which no .NET date can represent.
    private static object Shown(object value, string year, bool isDay) => value is not MySqlDateTime time ? value
        : time.Year.ToString(year, CultureInfo.InvariantCulture)
            + string.Create(CultureInfo.InvariantCulture, $"-{time.Month:D2}-{time.Day:D2}")
                + (isDay ? "" : string.Create(CultureInfo.InvariantCulture, $" {time.Hour:D2}:{time.Minute:D2}:{time.Second:D2}"));

    private static object? ReadNumber(DbDataReader row, int column)
    {
        try
        {
            return row.GetValue(column);
        }
        catch (Exception e) when (e is OverflowException or FormatException)
        {
            string text = ((MySqlDataReader)row).GetMySqlDecimal(column).ToString();
            return BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger whole)
                ? whole
                : text;
        }
    }
}
