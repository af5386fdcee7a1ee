using System.Management.Automation;
using System.Management.Automation.Runspaces;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests;

/// <summary>Every exported cmdlet has its page in docs/, listed in the index, and the page has every parameter.</summary>
public sealed class DocsTests
{
    private static readonly string Docs = Path.Combine(ShellProcess.Root, "docs");

    [Theory]
    [InlineData("AsyncPs")]
    [InlineData("AsyncPs.Data")]
    public void Every_cmdlet_has_a_page_with_every_parameter_and_the_index_lists_it(string module)
    {
        string index = File.ReadAllText(Path.Combine(Docs, "README.md"));
        CmdletInfo[] cmdlets = ExportedCmdlets(module);

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

    private static CmdletInfo[] ExportedCmdlets(string module)
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([ModuleSession.Manifest, ModuleSession.DataManifest]);
        using Runspace runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        using PowerShell shell = PowerShell.Create(runspace);
        return [.. shell.AddCommand("Get-Command").AddParameter("Module", module).AddParameter("CommandType", "Cmdlet").Invoke<CmdletInfo>()];
    }
}
