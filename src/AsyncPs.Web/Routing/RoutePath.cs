using System.Text.RegularExpressions;

namespace AsyncPs.Web.Routing;

/// <summary>The path of a route, with parameter names in braces.</summary>
internal static partial class RoutePath
{
    /// <summary>The names, in order.</summary>
    public static IReadOnlyList<string> Names(string path) => [.. Place().Matches(path).Select(static place => place.Groups["name"].Value)];

    /// <summary>The path in OpenAPI's syntax: braces contain only names.</summary>
    public static string ForOpenApi(string path) => Place().Replace(path, static place => $"{{{place.Groups["name"].Value}}}");

    /// <summary>The path without the names: two paths of the same shape match the same requests.</summary>
    public static string Shape(string path)
        => Place()
            .Replace(
                path,
                static place => $"{{{place.Groups["constraint"].Value}{(place.Value.Contains('*', StringComparison.Ordinal) ? "*" : "")}}}")
            .TrimEnd('/');

    /// <summary>Whether a path is valid: it begins with a slash, and its braces contain names, each once.</summary>
    /// <param name="path">The path.</param>
    /// <param name="fault">What is wrong with it.</param>
    public static bool IsValid(string path, [NotNullWhen(false)] out string? fault)
    {
        string rest = Place().Replace(path, "x");
        IReadOnlyList<string> names = Names(path);
        fault = !path.StartsWith('/') ? "it does not begin with a slash"
            : rest.AsSpan().IndexOfAny('{', '}') >= 0
                ? "its braces do not hold names: write /items/{Id}, or /files/{*Path} for all that follows"
            : rest.AsSpan().IndexOfAny('?', '#') >= 0 ? "it has a query or a fragment: declare parameters in the block instead"
            : names.Distinct(StringComparer.OrdinalIgnoreCase).Count() < names.Count ? "a name is there twice"
            : null;
        return fault is null;
    }

    [GeneratedRegex(@"\{\*{0,2}(?<name>[A-Za-z_]\w*)(?<constraint>:[^{}?=]+)?(?<default>=[^{}]*)?\??\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Place();
}
