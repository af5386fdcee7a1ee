using System.Globalization;
using System.Net.Http.Headers;

namespace AsyncPs.Http.Responses;

/// <summary>Reads the Retry-After header: seconds, or a date.</summary>
internal static class RetryAfter
{
    /// <summary>How long the server asks to wait from now on, never less than nothing; null if it does not.</summary>
    public static TimeSpan? Of(HttpResponseMessage response, DateTimeOffset now)
    {
        if (!response.Headers.NonValidated.TryGetValues("Retry-After", out HeaderStringValues values))
        {
            return null;
        }

        string text = values.ToString().Trim();
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
        {
            return TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue));
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date))
        {
            return null;
        }

        TimeSpan wait = date - now;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }
}
