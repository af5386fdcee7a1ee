using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Text.RegularExpressions;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests;

/// <summary>
/// Every exported cmdlet has its page in docs/, listed in the index, and the page has every parameter. PowerShell code in all pages uses
/// existing cmdlets and parameters; tests/Docs.Tests.ps1 runs it.
/// </summary>
public sealed partial class DocsTests
{
    private static readonly string Docs = Path.Combine(Repository.Root, "docs");

    [Theory]
    [InlineData("AsyncPs")]
    [InlineData("AsyncPs.Data")]
    [InlineData("AsyncPs.Messaging")]
    [InlineData("AsyncPs.Web")]
    public void Every_cmdlet_has_a_page_with_every_parameter_and_the_index_lists_it(string module)
    {
        string index = File.ReadAllText(Path.Combine(Docs, "README.md"));
        CmdletInfo[] cmdlets = [.. Cmdlets.Value.Values.Where(cmdlet => cmdlet.ModuleName == module)];

        Assert.NotEmpty(cmdlets);
        foreach (CmdletInfo cmdlet in cmdlets)
        {
            string page = Path.Combine(Docs, cmdlet.Name + ".md");
            Assert.True(File.Exists(page), $"docs/{cmdlet.Name}.md is missing.");
            Assert.Contains($"({cmdlet.Name}.md)", index, StringComparison.Ordinal);
            string text = File.ReadAllText(page);
            foreach (string parameter in cmdlet.Parameters.Keys.Except(Cmdlet.CommonParameters).Except(Cmdlet.OptionalCommonParameters))
            {
                Assert.True(
                    text.Contains($"### -{parameter}\n", StringComparison.Ordinal),
                    $"docs/{cmdlet.Name}.md does not describe -{parameter}: it needs a heading '### -{parameter}'.");
            }
        }
    }

    [Fact]
    public void Every_page_of_a_cmdlet_opens_with_one_sentence_and_an_example()
    {
        foreach (string cmdlet in Cmdlets.Value.Keys)
        {
            string text = File.ReadAllText(Path.Combine(Docs, cmdlet + ".md")).ReplaceLineEndings("\n");
            string opening = text[..text.IndexOf("\n## ", StringComparison.Ordinal)];
            string sentence = opening.Split("\n\n")[1];

            Assert.True(SentenceEnd().Count(sentence) == 1, $"docs/{cmdlet}.md does not open with one sentence: {sentence}");
            Assert.True(opening.Contains("\n```powershell", StringComparison.Ordinal), $"docs/{cmdlet}.md does not open with an example.");
        }
    }

    public static TheoryData<string> Pages() => [.. Directory.EnumerateFiles(Repository.Root, "*.md")
        .Concat(Directory.EnumerateFiles(Docs, "*.md", SearchOption.AllDirectories))
        .Select(static path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_PowerShell_block_parses_and_gives_our_cmdlets_parameters_that_they_have(string page)
    {
        Dictionary<string, CmdletInfo> cmdlets = Cmdlets.Value;

        foreach (string code in MarkdownPage.PowerShellBlocks(page))
        {
            ScriptBlockAst ast = Parser.ParseInput(code, out _, out ParseError[] errors);

            Assert.True(errors.Length == 0, $"{page}: {errors.FirstOrDefault()?.Message} in\n{code}");
            foreach (
                CommandAst command in ast.FindAll(static node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>())
            {
                if (command.GetCommandName() is { } name && cmdlets.TryGetValue(name, out CmdletInfo? cmdlet))
                {
                    foreach (CommandParameterAst parameter in command.CommandElements.OfType<CommandParameterAst>())
                    {
                        Assert.True(
                            Knows(cmdlet, parameter.ParameterName),
                            $"{page}: {name} has no parameter -{parameter.ParameterName}, in\n{code}");
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_within_the_repository_leads_somewhere(string page)
    {
        string path = Path.Combine(Repository.Root, page);
        foreach (Match link in Link().Matches(File.ReadAllText(path)))
        {
            string target = link.Groups["target"].Value.Split('#')[0];
            string full = Path.Combine(Path.GetDirectoryName(path)!, target);
            Assert.True(
                target.Length == 0 || File.Exists(full) || Directory.Exists(full), $"{page} links to {target}, which is not there.");
        }
    }

    private static readonly Lazy<Dictionary<string, CmdletInfo>> Cmdlets = new(static () =>
    {
        using Runspace runspace = BothModules.OpenRunspace();
        string[] modules = ["AsyncPs", "AsyncPs.Data", "AsyncPs.Messaging", "AsyncPs.Web"];
        return modules.SelectMany(module => BothModules.Cmdlets(runspace, module))
            .ToDictionary(static cmdlet => cmdlet.Name, StringComparer.OrdinalIgnoreCase);
    });

    // By its name, an alias, or an unambiguous beginning of a name: -Ov, -ErrorVar.
    private static bool Knows(CmdletInfo cmdlet, string name) => cmdlet.Parameters.Values
        .SelectMany(static parameter => parameter.Aliases.Append(parameter.Name))
        .Concat(cmdlet.Name == "Write-AsyncQueue" ? WithBroker : [])
        .Any(known => known.StartsWith(name, StringComparison.OrdinalIgnoreCase));

    // The parameters for a queue of a broker.
    private static readonly string[] WithBroker
        = [.. typeof(AsyncPs.Messaging.Publishing.WriteParameters).GetProperties().Select(static property => property.Name)];

    [GeneratedRegex(@"[.!?](?=\s|$)")]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"\]\((?!https?:)(?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
