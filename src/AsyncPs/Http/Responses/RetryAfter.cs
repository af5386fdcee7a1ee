using System.Globalization;
using System.Net.Http.Headers;

namespace AsyncPs.Http.Responses;

/// <summary>
/// Parses the Retry-After header: seconds, or an HTTP date (RFC 9110, 10.2.3). Anything else is ignored.
/// </summary>
internal static class RetryAfter
{
    /// <summary>
    /// How long the server asks to wait from now on, never negative; null if it does not. Of several values, the longest counts.
    /// </summary>
    public static TimeSpan? Of(HttpResponseMessage response, DateTimeOffset now)
    {
        TimeSpan? longest = null;
        if (response.Headers.NonValidated.TryGetValues("Retry-After", out HeaderStringValues values))
        {
            foreach (string value in values)
            {
                longest = Parse(value.Trim(), now) is { } wait && !(wait < longest) ? wait : longest;
            }
        }

        return longest;
    }

    private static TimeSpan? Parse(string text, DateTimeOffset now)
    {
        // Seconds should be whole numbers, but some servers send fractions.
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds))
        {
            return TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue));
        }

        if (!RetryConditionHeaderValue.TryParse(text, out RetryConditionHeaderValue? condition) || condition.Date is not { } date)
        {
            return null;
        }

        return date > now ? date - now : TimeSpan.Zero;
    }
}
