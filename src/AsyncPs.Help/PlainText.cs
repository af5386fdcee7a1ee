using System.Text;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace AsyncPs.Help;

/// <summary>Markdown as text for a console: no marks, a line for a list item or a table row, code as it is.</summary>
internal static class PlainText
{
    /// <summary>The text of a heading or a paragraph.</summary>
    public static string Of(LeafBlock block)
    {
        StringBuilder text = new();
        Append(text, block.Inline);
        return text.ToString();
    }

    /// <summary>The text of blocks, a string each; empty lines belong between them.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<Block> blocks) => [.. blocks.Select(Of).Where(static text => text.Length > 0)];

    private static string Of(Block block) => block switch
    {
        CodeBlock code => string.Join('\n', code.Lines.ToString().Split('\n').Select(static line => "    " + line)),
        Table table => string.Join('\n', table.OfType<TableRow>().Where(static row => !row.IsHeader).Select(Row)),
        ListBlock list => string.Join('\n', list.OfType<ListItemBlock>().Select(static item => "- " + string.Join(' ', Of(item.AsEnumerable())))),
        LeafBlock leaf => Of(leaf),
        ContainerBlock container => string.Join("\n", Of(container.AsEnumerable())),
        _ => string.Empty,
    };

    private static string Row(TableRow row) => string.Join("  ", row.OfType<TableCell>().Select(static cell => string.Join(' ', Of(cell.AsEnumerable()))));

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
