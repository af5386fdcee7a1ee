using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>
/// Converts values from the server's binary form: to a .NET type if there is one, otherwise to the text that PostgreSQL would write, so
/// that no value prevents a row from being read.
/// </summary>
internal static class BinaryValues
{
    private const long MicrosecondsOfDay = 86_400_000_000;
    private const long DaysBefore2000 = 730_119;
    private const long DaysOfDotNet = 3_652_059;
    private const int MonthsOfYear = 12;

    /// <summary>A date. The first and the last .NET date stand for all earlier and later ones.</summary>
    /// <param name="days">Days since January 1, 2000.</param>
    public static object Date(int days) => days switch
    {
        int.MinValue => DateOnly.MinValue,
        int.MaxValue => DateOnly.MaxValue,
        _ when days + DaysBefore2000 is >= 0 and < DaysOfDotNet => DateOnly.FromDayNumber((int)(days + DaysBefore2000)),
        _ => DayText(days, out bool isBefore) + (isBefore ? " BC" : ""),
    };

    /// <summary>A local date and time.</summary>
    /// <param name="microseconds">Microseconds since the year 2000.</param>
    public static object Timestamp(long microseconds) => ToDateTime(microseconds) is { } time ? time : TimeText(microseconds, "");

    /// <summary>A point in time.</summary>
    /// <param name="microseconds">Microseconds since the year 2000 in UTC.</param>
    public static object Moment(long microseconds)
        => ToDateTime(microseconds) is { } time ? new DateTimeOffset(time, TimeSpan.Zero) : TimeText(microseconds, "+00");

    /// <summary>A time of day. The end of the day, 24:00, is a string, because .NET cannot represent it.</summary>
    public static object TimeOfDay(long microseconds)
        => microseconds < MicrosecondsOfDay ? new TimeOnly(microseconds * TimeSpan.TicksPerMicrosecond) : ClockText(microseconds);

    /// <summary>A duration. One with months is a string, because the length of a month varies.</summary>
    public static object Interval(ReadOnlySpan<byte> bytes)
    {
        long microseconds = BinaryPrimitives.ReadInt64BigEndian(bytes);
        int days = BinaryPrimitives.ReadInt32BigEndian(bytes[8..]);
        int months = BinaryPrimitives.ReadInt32BigEndian(bytes[12..]);
        BigInteger ticks = ((BigInteger)days * TimeSpan.TicksPerDay) + ((BigInteger)microseconds * TimeSpan.TicksPerMicrosecond);
        return months == 0 && ticks >= long.MinValue && ticks <= long.MaxValue
            ? new TimeSpan((long)ticks)
            : IntervalText(months, days, microseconds);
    }

    /// <summary>
    /// A number: a Decimal or, if it is whole, a BigInteger; a Double for NaN or infinity; a string if it has more digits than a Decimal.
    /// </summary>
    public static object Numeric(ReadOnlySpan<byte> bytes)
    {
        int count = BinaryPrimitives.ReadInt16BigEndian(bytes);
        int weight = BinaryPrimitives.ReadInt16BigEndian(bytes[2..]);
        int scale = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        switch (BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]))
        {
            case 0xC000:
                return double.NaN;
            case 0xD000:
                return double.PositiveInfinity;
            case 0xF000:
                return double.NegativeInfinity;
            case var sign:
                var text = new StringBuilder(sign == 0 ? "" : "-");
                text.Append(weight < 0 ? "0" : "");
                int fraction = Digits(bytes[8..], count, weight, scale, text);
                string number = text.ToString();
                return fraction == 0 ? BigInteger.Parse(number, CultureInfo.InvariantCulture) : number;
        }
    }

    // The stored groups of four digits, with zeros for missing ones; then the number of digits after the point.
    private static int Digits(ReadOnlySpan<byte> groups, int count, int weight, int scale, StringBuilder text)
    {
        string Group(ReadOnlySpan<byte> all, int i)
            => (i >= 0 && i < count ? BinaryPrimitives.ReadInt16BigEndian(all[(2 * i)..]) : 0).ToString("D4", CultureInfo.InvariantCulture);
        for (int i = 0; i <= weight; i++)
        {
            string group = Group(groups, i);
            text.Append(i == 0 ? group.TrimStart('0') is { Length: > 0 } first ? first : "0" : group);
        }

        if (scale == 0)
        {
            return 0;
        }

        var fraction = new StringBuilder();
        for (int i = weight + 1; fraction.Length < scale; i++)
        {
            fraction.Append(Group(groups, i));
        }

        text.Append('.').Append(fraction.ToString(0, scale));
        return scale;
    }

    private static DateTime? ToDateTime(long microseconds) => microseconds switch
    {
        long.MinValue => DateTime.MinValue,
        long.MaxValue => DateTime.MaxValue,
        _ when Day(microseconds) + DaysBefore2000 is >= 0 and < DaysOfDotNet
            => new DateTime(((DaysBefore2000 * MicrosecondsOfDay) + microseconds) * TimeSpan.TicksPerMicrosecond),
        _ => null,
    };

    private static long Day(long microseconds)
        => Math.DivRem(microseconds, MicrosecondsOfDay) is (var days, < 0) ? days - 1 : microseconds / MicrosecondsOfDay;

    private static string TimeText(long microseconds, string offset)
    {
        long days = Day(microseconds);
        return $"{DayText(days, out bool isBefore)} "
            + $"{ClockText(microseconds - (days * MicrosecondsOfDay))}{offset}{(isBefore ? " BC" : "")}";
    }

    private static string ClockText(long microseconds)
    {
        (long seconds, long rest) = Math.DivRem(microseconds, 1_000_000);
        string fraction = rest == 0 ? "" : "." + rest.ToString("D6", CultureInfo.InvariantCulture).TrimEnd('0');
        return string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:D2}:{seconds / 60 % 60:D2}:{seconds % 60:D2}{fraction}");
    }

    // In the Gregorian calendar, extended to earlier times: a cycle of 400 years has 146,097 days. Years begin in March here, so that
    // the leap day comes last.
    private static string DayText(long days, out bool isBefore)
    {
        long sinceMarch = days + DaysBefore2000 + 306;
        long cycle = Math.DivRem(sinceMarch, 146_097) is (var whole, < 0) ? whole - 1 : sinceMarch / 146_097;
        long day = sinceMarch - (cycle * 146_097);
        long year = (day - (day / 1460) + (day / 36_524) - (day / 146_096)) / 365;
        long ofYear = day - ((365 * year) + (year / 4) - (year / 100));
        long month = ((5 * ofYear) + 2) / 153;
        long ofMonth = ofYear - (((153 * month) + 2) / 5) + 1;
        long shown = year + (cycle * 400) + (month >= 10 ? 1 : 0);
        isBefore = shown <= 0;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(isBefore ? 1 - shown : shown):D4}-{(month < 10 ? month + 3 : month - 9):D2}-{ofMonth:D2}");
    }

    private static string IntervalText(int months, int days, long microseconds)
    {
        List<string> parts = [];
        void Add(int count, string unit)
        {
            if (count != 0)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")}"));
            }
        }

        Add(months / MonthsOfYear, "year");
        Add(months % MonthsOfYear, "mon");
        Add(days, "day");
        if (microseconds != 0)
        {
            parts.Add((microseconds < 0 ? "-" : "") + ClockText(Math.Abs(microseconds)));
        }

        return string.Join(' ', parts);
    }
}
