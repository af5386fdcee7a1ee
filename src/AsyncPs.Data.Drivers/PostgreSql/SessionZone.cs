using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>
/// The time zone of a server session, by which PostgreSQL converts a point in time to a local time and back.
/// </summary>
/// <param name="name">The server's name of the zone.</param>
internal sealed partial class SessionZone(string name)
{
    private TimeZoneInfo? _zone;

    private TimeZoneInfo Zone => _zone ??= Find(name);

    /// <summary>The current zone of a connection.</summary>
    public static SessionZone Of(NpgsqlConnection connection) => new(connection.Timezone);

    /// <summary>Converts a value to a point in time, in UTC.</summary>
    public DateTime Moment(object value) => value switch
    {
        DateTimeOffset time => time.UtcDateTime,
        DateTime { Kind: not DateTimeKind.Unspecified } time => time.ToUniversalTime(),
        DateTime time => IsEndless(time) ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : FromClock(time),
        DateOnly day => Moment(day.ToDateTime(TimeOnly.MinValue)),
        _ => throw NoTime(value),
    };

    /// <summary>Converts a value to a local time in the zone.</summary>
    public DateTime Clock(object value) => value switch
    {
        DateTime { Kind: DateTimeKind.Unspecified } time => time,
        DateOnly day => day.ToDateTime(TimeOnly.MinValue),
        DateTime or DateTimeOffset
            => Moment(value) is var moment && IsEndless(moment) ? Unspecified(moment) : Unspecified(moment + Zone.GetUtcOffset(moment)),
        _ => throw NoTime(value),
    };

    /// <summary>Whether a time stands for infinity.</summary>
    public static bool IsEndless(DateTime time) => time == DateTime.MinValue || time == DateTime.MaxValue;

    private static DateTime Unspecified(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Unspecified);

    // A local time that does not exist, or exists twice, counts as standard time, as for the server.
    private DateTime FromClock(DateTime time) => DateTime.SpecifyKind(time - Zone.GetUtcOffset(time), DateTimeKind.Utc);

    private static TimeZoneInfo Find(string name)
    {
        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone))
        {
            return zone;
        }

        // A zone that is only an offset, which is positive to the west.
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
