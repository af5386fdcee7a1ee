using System.Text.RegularExpressions;

namespace AsyncPs.Data.Queries;

/// <summary>The variables that a text in T-SQL declares: they are written as parameters are, and are none.</summary>
internal static partial class DeclaredVariables
{
    /// <summary>Their names.</summary>
    public static IEnumerable<string> Find(string text)
        => Declaration()
            .Matches(text)
            .SelectMany(static declaration => declaration.Groups["name"].Captures.Select(static name => name.Value));

    // A name and its type, with what is in brackets, and perhaps its first value up to a comma or an end; then the next.
    [GeneratedRegex(
        @"\bdeclare\s+@(?<name>\w+)(?<rest>[^,;@()]|\((?:[^()]|\([^()]*\))*\)|=\s*@\w+)*(\s*,\s*@(?<name>\w+)(?<rest>[^,;@()]|\((?:[^()]|\([^()]*\))*\)|=\s*@\w+)*)*",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Declaration();
}
