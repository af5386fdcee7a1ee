using System.Globalization;
using AsyncPs.Web.Answers;
using AsyncPs.Web.Hosting;

namespace AsyncPs.Web.Serving;

/// <summary>Chooses the form of an answer among those of a route, by what the client accepts.</summary>
/// <param name="route">The route.</param>
internal sealed class Negotiation(AsyncRoute route)
{
    private const string Events = "text/event-stream";

    private static readonly Dictionary<AnswerFormat, string> Types = new()
    {
        [AnswerFormat.Json] = "application/json",
        [AnswerFormat.Text] = "text/plain",
        [AnswerFormat.Html] = "text/html",
    };

    // Made once: each request has one of them.
    private readonly AnswerShape[] _whole =
        [.. route.Format.Select(format => new AnswerShape(ObjectFormatter.Of(format), StreamShape.None, route.AsArray, route.Depth))];

    private readonly AnswerShape _lines = new(ObjectFormatter.Json, StreamShape.JsonLines, route.AsArray, route.Depth);
    private readonly AnswerShape _events = new(ObjectFormatter.Json, StreamShape.Events, route.AsArray, route.Depth);

    /// <summary>The form of an answer; null if the client accepts none of them.</summary>
    public AnswerShape? Choose(IExchange exchange)
    {
        if (route.Stream)
        {
            IReadOnlyList<string> wanted = exchange.Header("Accept");
            return wanted.Count > 0 && Quality(wanted, Events, isExact: true) > 0 ? _events : _lines;
        }

        // A route with only one form uses it in any case.
        if (_whole.Length == 1 || exchange.Header("Accept") is not { Count: > 0 } accept)
        {
            return _whole[0];
        }

        (double best, AnswerShape? chosen) = (0, null);
        for (int i = 0; i < _whole.Length; i++)
        {
            double quality = Quality(accept, Types[route.Format[i]], isExact: false);
            if (quality > best)
            {
                (best, chosen) = (quality, _whole[i]);
            }
        }

        return chosen;
    }

    // How much a type is wanted, from 0 to 1; the most specific range counts.
    private static double Quality(IReadOnlyList<string> accept, string type, bool isExact)
    {
        string family = type[..(type.IndexOf('/', StringComparison.Ordinal) + 1)] + "*";
        (int closeness, double quality) = (0, 0);
        foreach (string range in accept.SelectMany(static header => header.Split(',')))
        {
            string[] parts = range.Split(';', StringSplitOptions.TrimEntries);
            int found = parts[0].Equals(type, StringComparison.OrdinalIgnoreCase) ? 3
                : isExact ? 0
                : parts[0].Equals(family, StringComparison.OrdinalIgnoreCase) ? 2
                : parts[0] == "*/*" ? 1
                : 0;
            if (found > closeness)
            {
                (closeness, quality) = (found, QualityOf(parts));
            }
        }

        return quality;
    }

    private static double QualityOf(string[] parts)
        => Array.Find(parts, static part => part.StartsWith("q=", StringComparison.OrdinalIgnoreCase)) is { } weight
            && double.TryParse(weight.AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double quality)
                ? quality
                : 1;
}
