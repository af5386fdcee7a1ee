using System.Text;
using Markdig.Syntax;

namespace AsyncPs.Help;

/// <summary>Writes a guide as an about topic: text of 80 columns, with each Python block beside the PowerShell block after it.</summary>
internal static class AboutTopic
{
    private const int Width = 79;
    private const string Indent = "    ";
    private const string Between = " | ";

    /// <summary>Writes the topic.</summary>
    /// <param name="guide">The file of the guide: a title, an introductory paragraph, and sections.</param>
    /// <param name="target">The file to write, whose name up to the first dot is that of the topic.</param>
    /// <exception cref="HelpPageException">A program is too wide.</exception>
    public static void Save(string guide, string target)
    {
        StringBuilder text = new();
        text.Append("TOPIC\n").Append(Indent).Append(Path.GetFileName(target).Split('.')[0]).Append("\n\nSHORT DESCRIPTION\n");
        Block[] blocks = [.. MarkdownFile.Read(guide).Where(static block => block is not HeadingBlock { Level: 1 })];
        for (int at = 0; at < blocks.Length; at++)
        {
            switch (blocks[at])
            {
                case HeadingBlock { Level: 2 } heading:
                    text.Append(PlainText.Of(heading).ToUpperInvariant()).Append('\n');
                    break;
                case HeadingBlock heading:
                    text.Append("  ").Append(PlainText.Of(heading)).Append("\n\n");
                    break;
                case FencedCodeBlock { Info: "python" } python
                    when blocks.ElementAtOrDefault(at + 1) is FencedCodeBlock { Info: "powershell" } powershell:
                    Append(text, Columns(Lines(python), Lines(powershell)));
                    at++;
                    break;
                case CodeBlock code:
                    Append(text, Lines(code).Select(static line => Indent + line));
                    break;
                case var block:
                    Append(text, PlainText.Of([block]).SelectMany(static paragraph => paragraph.Split('\n')).SelectMany(Wrap));
                    break;
            }

            if (at == 0)
            {
                text.Append("LONG DESCRIPTION\n");
            }
        }

        File.WriteAllText(target, text.ToString().TrimEnd('\n') + '\n');
    }

    private static void Append(StringBuilder text, IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            text.Append((Indent + line).TrimEnd()).Append('\n');
        }

        text.Append('\n');
    }

    private static string[] Lines(CodeBlock code) => code.Lines.ToString().Split('\n');

    private static IEnumerable<string> Columns(string[] left, string[] right)
    {
        int width = left.Max(static line => line.Length);
        int most = Width - Indent.Length - width - Between.Length;
        if (right.FirstOrDefault(line => line.Length > most) is { } wide)
        {
            throw new HelpPageException(
                $"The line '{wide}' is too long to stand beside '{left.MaxBy(static line => line.Length)}' in {Width} columns: "
                    + $"it may have {most} characters.");
        }

        return Enumerable.Range(0, Math.Max(left.Length, right.Length))
            .Select(row => (row < left.Length ? left[row] : string.Empty).PadRight(width) + Between + (row < right.Length
                ? right[row]
                : string.Empty));
    }

    private static IEnumerable<string> Wrap(string paragraph)
    {
        string hanging = paragraph.StartsWith("- ", StringComparison.Ordinal) ? "  " : string.Empty;
        StringBuilder line = new();
        foreach (string word in paragraph.Split(' '))
        {
            if (line.Length > 0 && Indent.Length + line.Length + 1 + word.Length > Width)
            {
                yield return line.ToString();
                line.Clear().Append(hanging);
            }
            else if (line.Length > 0)
            {
                line.Append(' ');
            }

            line.Append(word);
        }

        yield return line.ToString();
    }
}
