using System.Globalization;

namespace AsyncPs.Http.Json;

/// <summary>Recognizes dates in JSON strings.</summary>
internal static class JsonDates
{
    private const int ShortestIso = 19;
    private const int LongestIso = 40;
    private const int TickDigits = 7;
    private static readonly long MostMilliseconds = DateTime.MaxValue.Ticks / TimeSpan.TicksPerMillisecond;
    private const string OldStart = "/Date(";
    private const string OldEnd = ")/";

    /// <summary>
    /// Parses <c>2024-05-06T07:08:09.123+02:00</c> and <c>/Date(1714978800000)/</c>. An offset gives local time, <c>Z</c> universal time.
    /// </summary>
    public static bool TryParse(string text, out DateTime date)
    {
        date = default;
        if (text.Length is >= ShortestIso and <= LongestIso && text[10] == 'T' && char.IsAsciiDigit(text[0]))
        {
            return TryParseIso(text, out date);
        }

        return text.StartsWith(OldStart, StringComparison.Ordinal) && text.EndsWith(OldEnd, StringComparison.Ordinal)
            && TryParseOld(text.AsSpan(OldStart.Length, Math.Max(0, text.Length - OldStart.Length - OldEnd.Length)), out date);
    }

    private static bool TryParseIso(ReadOnlySpan<char> text, out DateTime date)
    {
        date = default;
        if (!(Digits(text[..4], out int year)
            && text[4] == '-'
            && Digits(text[5..7], out int month)
            && text[7] == '-'
            && Digits(text[8..10], out int day)
                && Digits(text[11..13], out int hour)
                && text[13] == ':'
                && Digits(text[14..16], out int minute)
                && text[16] == ':'
                && Digits(text[17..19], out int second)))
        {
            return false;
        }

        bool endOfDay = hour == 24 && minute == 0 && second == 0;
        if (year < 1
            || month is < 1 or > 12
            || day < 1
            || day > DateTime.DaysInMonth(year, month)
            || (hour > 23 && !endOfDay)
            || minute > 59
            || second > 59)
        {
            return false;
        }

        ReadOnlySpan<char> rest = text[19..];
        if (!TakeFraction(ref rest, out long ticks)
            || !TryParseZone(rest, out DateTimeKind kind, out TimeSpan offset)
            || (endOfDay && ticks != 0))
        {
            return false;
        }

        long total = new DateTime(year, month, day, endOfDay ? 0 : hour, minute, second).Ticks + ticks + (endOfDay
            ? TimeSpan.TicksPerDay
            : 0);
        return TryCreate(total, kind, offset, out date);
    }

    private static bool TakeFraction(ref ReadOnlySpan<char> rest, out long ticks)
    {
        ticks = 0;
        if (rest is not ['.', ..])
        {
            return true;
        }

        int digits = 1;
        while (digits < rest.Length && digits <= TickDigits && char.IsAsciiDigit(rest[digits]))
        {
            ticks = (ticks * 10) + (rest[digits] - '0');
            digits++;
        }

        for (int i = digits; i <= TickDigits; i++)
        {
            ticks *= 10;
        }

        rest = rest[digits..];
        return digits > 1;
    }

    private static bool TryParseZone(ReadOnlySpan<char> zone, out DateTimeKind kind, out TimeSpan offset)
    {
        offset = default;
        kind = DateTimeKind.Unspecified;
        switch (zone)
        {
            case []:
                return true;
            case ['Z' or 'z']:
                kind = DateTimeKind.Utc;
                return true;
            case ['+' or '-', ..]:
                kind = DateTimeKind.Local;
                ReadOnlySpan<char> minutes = zone.Length switch { 6 when zone[3] == ':' => zone[4..], 5 => zone[3..], 3 => "00", _ => "" };
                if (minutes.Length != 2
                    || !Digits(zone[1..3], out int hour)
                    || !Digits(minutes, out int minute)
                    || hour > 99
                    || minute > 59)
                {
                    return false;
                }

                offset = new TimeSpan(hour, minute, 0) * (zone[0] == '-' ? -1 : 1);
                return true;
            default:
                return false;
        }
    }

    private static bool TryParseOld(ReadOnlySpan<char> text, out DateTime date)
    {
        date = default;
        int sign = text.Length > 1 ? text[1..].LastIndexOfAny('+', '-') + 1 : 0;
        DateTimeKind kind = DateTimeKind.Utc;
        ReadOnlySpan<char> number = text;
        if (sign > 0)
        {
            kind = DateTimeKind.Local;
            number = text[..sign];
            if (text.Length - sign is not (3 or 5))
            {
                return false;
            }
        }

        return long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long milliseconds)
            && milliseconds > -MostMilliseconds
            && milliseconds < MostMilliseconds
            && TryCreate(DateTime.UnixEpoch.Ticks + (milliseconds * TimeSpan.TicksPerMillisecond), kind, TimeSpan.Zero, out date);
    }

    private static bool TryCreate(long ticks, DateTimeKind kind, TimeSpan offset, out DateTime date)
    {
        date = default;
        if (kind != DateTimeKind.Local)
        {
            if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
            {
                return false;
            }

            date = new DateTime(ticks, kind);
            return true;
        }

        ticks -= offset.Ticks;
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        date = new DateTime(ticks, DateTimeKind.Utc).ToLocalTime();
        return true;
    }

    private static bool Digits(ReadOnlySpan<char> text, out int value)
    {
        value = 0;
        foreach (char c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            value = (value * 10) + (c - '0');
        }

        return text.Length > 0;
    }
}
