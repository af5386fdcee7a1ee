using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>
/// The time zone of a session at the server: what PostgreSQL itself goes by where a moment becomes a time on a clock, or the other way
/// round.
/// </summary>
/// <param name="name">What the server calls it.</param>
internal sealed partial class SessionZone(string name)
{
    private TimeZoneInfo? _zone;

    private TimeZoneInfo Zone => _zone ??= Find(name);

    /// <summary>The zone of a connection, as it is set now.</summary>
    public static SessionZone Of(NpgsqlConnection connection) => new(connection.Timezone);

    /// <summary>A value as a moment, in universal time.</summary>
    public DateTime Moment(object value) => value switch
    {
        DateTimeOffset time => time.UtcDateTime,
        DateTime { Kind: not DateTimeKind.Unspecified } time => time.ToUniversalTime(),
        DateTime time => IsEndless(time) ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : FromClock(time),
        DateOnly day => Moment(day.ToDateTime(TimeOnly.MinValue)),
        _ => throw NoTime(value),
    };

    /// <summary>A value as a time on a clock in the zone.</summary>
    public DateTime Clock(object value) => value switch
    {
        DateTime { Kind: DateTimeKind.Unspecified } time => time,
        DateOnly day => day.ToDateTime(TimeOnly.MinValue),
        DateTime or DateTimeOffset
            => Moment(value) is var moment && IsEndless(moment) ? Unspecified(moment) : Unspecified(moment + Zone.GetUtcOffset(moment)),
        _ => throw NoTime(value),
    };

    /// <summary>Whether a time stands for one before or after all others.</summary>
    public static bool IsEndless(DateTime time) => time == DateTime.MinValue || time == DateTime.MaxValue;

    private static DateTime Unspecified(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Unspecified);

    // A time that no clock shows, or that it shows twice, is one of the standard time; so it is to the server.
    private DateTime FromClock(DateTime time) => DateTime.SpecifyKind(time - Zone.GetUtcOffset(time), DateTimeKind.Utc);

    private static TimeZoneInfo Find(string name)
    {
        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone))
        {
            return zone;
        }

        // A zone of an offset alone, which it counts to the west.
        return Offset().Match(name) is { Success: true } match
            ? TimeZoneInfo.CreateCustomTimeZone(
                name,
                -TimeSpan.Parse(
                    match.Groups["offset"].Value + (match.Groups["minutes"].Success ? "" : ":00"),
                    CultureInfo.InvariantCulture),
                name,
                name)
            : throw new FormatException(
                $"The time zone '{name}' of the session is not known here. Set another one with Timezone= in the connection string.");
    }

    private static InvalidCastException NoTime(object value) => new($"'{value}' is not a time.");

    [GeneratedRegex(@"^<[^>]+>\+?(?<offset>-?\d{1,2}(?<minutes>:\d\d)?)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Offset();
}
