using Markdig.Syntax;

namespace AsyncPs.Help;

/// <summary>The parsed page of a cmdlet: `# Name`, a summary, and the sections that every page has.</summary>
internal sealed class HelpPage
{
    private readonly string _name;
    private readonly Dictionary<string, List<Block>> _sections = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<Block>> _parameters = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _order = [];

    private HelpPage(string name, MarkdownDocument document)
    {
        _name = name;
        List<Block> blocks = _sections[string.Empty] = [];
        string section = string.Empty;
        foreach (Block block in document)
        {
            switch (block)
            {
                case HeadingBlock { Level: 1 }:
                    break;
                case HeadingBlock { Level: 2 } heading:
                    section = PlainText.Of(heading);
                    blocks = _sections[section] = [];
                    break;
                case HeadingBlock { Level: 3 } heading when section == "Parameters":
                    string parameter = PlainText.Of(heading).TrimStart('-');
                    _order.Add(parameter);
                    blocks = _parameters[parameter] = [];
                    break;
                default:
                    blocks.Add(block);
                    break;
            }
        }
    }

    /// <summary>The first paragraph.</summary>
    public string Synopsis => Text(string.Empty) is [var first, ..] ? first : throw Missing("a first paragraph that says what it does");

    /// <summary>The paragraphs of a section; empty if there is no such section.</summary>
    public IReadOnlyList<string> Text(string section)
        => _sections.TryGetValue(section, out List<Block>? blocks) ? PlainText.Of(blocks) : [];

    /// <summary>The text about a parameter.</summary>
    public IReadOnlyList<string> Parameter(string parameter) => _parameters.TryGetValue(parameter, out List<Block>? blocks)
        ? PlainText.Of(blocks)
        : throw Missing($"a heading '### -{parameter}' under '## Parameters'");

    /// <summary>The position of a parameter on the page, where the most important ones come first.</summary>
    public int PlaceOf(string parameter) => _order.FindIndex(name => name.Equals(parameter, StringComparison.OrdinalIgnoreCase));

    /// <summary>The examples.</summary>
    public IEnumerable<HelpExample> Examples()
    {
        string title = "Example";
        string? code = null;
        List<Block> remarks = [];
        foreach (Block block in _sections.GetValueOrDefault("Examples") ?? throw Missing("a section '## Examples'"))
        {
            switch (block)
            {
                case HeadingBlock heading:
                    if (code is not null)
                    {
                        yield return new HelpExample(title, code, PlainText.Of(remarks));
                    }

                    (title, code, remarks) = (PlainText.Of(heading), null, []);
                    break;
                case FencedCodeBlock fence when code is null:
                    code = fence.Lines.ToString();
                    break;
                default:
                    remarks.Add(block);
                    break;
            }
        }

        if (code is not null)
        {
            yield return new HelpExample(title, code, PlainText.Of(remarks));
        }
    }

    /// <summary>Reads the page of a cmdlet.</summary>
    /// <exception cref="HelpPageException">There is no page.</exception>
    public static HelpPage Read(string folder, string cmdlet)
    {
        string path = Path.Combine(folder, cmdlet + ".md");
        return File.Exists(path)
            ? new HelpPage(cmdlet, MarkdownFile.Read(path))
            : throw new HelpPageException($"docs/{cmdlet}.md is missing: every cmdlet that the module exports has a page.");
    }

    /// <summary>The error for something that the page lacks.</summary>
    public HelpPageException Missing(string what) => new($"docs/{_name}.md does not have {what}.");
}
