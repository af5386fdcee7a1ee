using System.Text.RegularExpressions;

namespace AsyncPs.Data.Queries;

/// <summary>The variables that a T-SQL text declares. They are written like parameters, but are not parameters.</summary>
internal static partial class DeclaredVariables
{
    /// <summary>Their names.</summary>
    public static IEnumerable<string> Find(string text)
        => Declaration()
            .Matches(text)
            .SelectMany(static declaration => declaration.Groups["name"].Captures.Select(static name => name.Value));

    // A name and its type, with the part in brackets, and possibly an initial value up to a comma or the end; then the next one.
    [GeneratedRegex(
        @"\bdeclare\s+@(?<name>\w+)(?<rest>[^,;@()]|\((?:[^()]|\([^()]*\))*\)|=\s*@\w+)*"
            + @"(\s*,\s*@(?<name>\w+)(?<rest>[^,;@()]|\((?:[^()]|\([^()]*\))*\)|=\s*@\w+)*)*",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Declaration();
}
