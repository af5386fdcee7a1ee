using System.Globalization;
using AsyncPs.Web.Answers;
using AsyncPs.Web.Hosting;

namespace AsyncPs.Web.Serving;

/// <summary>Chooses the form of an answer among those a route has, by what the client accepts.</summary>
internal static class Negotiation
{
    private const string Events = "text/event-stream";

    private static readonly Dictionary<AnswerFormat, string> Types = new()
    {
        [AnswerFormat.Json] = "application/json",
        [AnswerFormat.Text] = "text/plain",
        [AnswerFormat.Html] = "text/html",
    };

    /// <summary>The form of an answer; null if the client accepts none of those that there are.</summary>
    public static AnswerShape? Choose(AsyncRoute route, IExchange exchange)
    {
        IReadOnlyList<string> accept = exchange.Header("Accept");
        if (route.Stream)
        {
            StreamShape stream = accept.Count > 0 && Quality(accept, Events, isExact: true) > 0
                ? StreamShape.Events
                : StreamShape.JsonLines;
            return new AnswerShape(ObjectFormatter.Json, stream, route.AsArray, route.Depth);
        }

        // Where there is one form only, it is better than none.
        AnswerFormat format = route.Format[0];
        if (route.Format.Length > 1 && accept.Count > 0)
        {
            double best = 0;
            foreach (AnswerFormat candidate in route.Format)
            {
                double quality = Quality(accept, Types[candidate], isExact: false);
                if (quality > best)
                {
                    (best, format) = (quality, candidate);
                }
            }

            if (best == 0)
            {
                return null;
            }
        }

        return new AnswerShape(ObjectFormatter.Of(format), StreamShape.None, route.AsArray, route.Depth);
    }

    // How much a type is wanted, from 0 to 1: what names it most closely counts.
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
