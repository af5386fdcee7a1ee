using Markdig;
using Markdig.Syntax;

namespace AsyncPs.Help;

/// <summary>Parses pages and guides, which may contain tables and admonitions.</summary>
internal static class MarkdownFile
{
    private static readonly MarkdownPipeline Dialect = new MarkdownPipelineBuilder().UsePipeTables().UseAlertBlocks().Build();

    public static MarkdownDocument Read(string path) => Markdown.Parse(File.ReadAllText(path), Dialect);
}
