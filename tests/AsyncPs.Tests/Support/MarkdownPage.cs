using System.Text.RegularExpressions;

namespace AsyncPs.Tests.Support;

/// <summary>A page of the documentation.</summary>
public static partial class MarkdownPage
{
    /// <summary>The PowerShell blocks of a page, by its path from the root of the repository.</summary>
    public static string[] PowerShellBlocks(string page)
        => [.. Block()
            .Matches(File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings("\n"))
            .Select(static block => block.Groups["code"].Value)];

    [GeneratedRegex("^ *```powershell[^\n]*\n(?<code>.*?)^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
