using System.Text;
using Markdig.Extensions.Alerts;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace AsyncPs.Help;

/// <summary>Converts Markdown to text for a console: no markup, one line per list item or table row, and code unchanged.</summary>
internal static class PlainText
{
    /// <summary>The text of a heading or a paragraph.</summary>
    public static string Of(LeafBlock block)
    {
        StringBuilder text = new();
        Append(text, block.Inline);
        return text.ToString();
    }

    /// <summary>The text of blocks, one string each, to be separated by empty lines.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<Block> blocks) => [.. blocks.Select(Of).Where(static text => text.Length > 0)];

    private static string Of(Block block) => block switch
    {
        CodeBlock code => string.Join('\n', code.Lines.ToString().Split('\n').Select(static line => "    " + line)),
        Table table => string.Join('\n', Rows(table)),
        ListBlock list
            => string.Join('\n', list.OfType<ListItemBlock>().Select(static item => "- " + string.Join(' ', Of(item.AsEnumerable())))),
        LeafBlock leaf => Of(leaf),
        AlertBlock alert => $"{Capitalized(alert.Kind.ToString())}: {string.Join("\n", Of(alert.AsEnumerable()))}",
        ContainerBlock container => string.Join("\n", Of(container.AsEnumerable())),
        _ => string.Empty,
    };

    // One line per row: the first cell, the others with their headers, and the last one. A column with the header `When` needs no
    // header.
    private static IEnumerable<string> Rows(Table table)
    {
        string[][] rows = [.. table
            .OfType<TableRow>()
            .Select(static row => row.OfType<TableCell>().Select(static cell => string.Join(' ', Of(cell.AsEnumerable()))).ToArray())];
        foreach (string[] row in rows.Skip(1))
        {
            int said = rows[0][^1] == "When" || row.Length == 2 ? row.Length - 1 : row.Length;
            string about = string.Join(
                "; ",
                Enumerable
                    .Range(1, Math.Max(said - 1, 0))
                    .Where(column => row[column].Length > 0)
                    .Select(column => $"{LowerFirst(rows[0][column])}: {row[column].TrimEnd('.')}"));
            yield return $"- {row[0].TrimEnd('.')}{(about.Length > 0 ? $" ({about})" : "")}{(said < row.Length ? ": " + row[^1] : "")}";
        }
    }

    private static string Capitalized(string text) => char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    private static string LowerFirst(string text) => char.ToLowerInvariant(text[0]) + text[1..];

    private static void Append(StringBuilder text, ContainerInline? inlines)
    {
        foreach (Inline inline in inlines ?? Enumerable.Empty<Inline>())
        {
            switch (inline)
            {
                case LiteralInline literal:
                    text.Append(literal.Content.AsSpan());
                    break;
                case CodeInline code:
                    text.Append(code.Content);
                    break;
                case LineBreakInline:
                    text.Append(' ');
                    break;
                case HtmlEntityInline entity:
                    text.Append(entity.Transcoded.AsSpan());
                    break;
                case ContainerInline container:
                    Append(text, container);
                    break;
            }
        }
    }
}
