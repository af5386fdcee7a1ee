using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests;

/// <summary>Get-Help says about every cmdlet what its page does.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("AsyncPs")]
    [InlineData("AsyncPs.Data")]
    [InlineData("AsyncPs.Messaging")]
    [InlineData("AsyncPs.Web")]
    public void Every_cmdlet_has_all_sections_three_examples_and_a_description_of_every_parameter(string module)
    {
        using Runspace runspace = BothModules.OpenRunspace();
        using PowerShell shell = PowerShell.Create(runspace);
        CmdletInfo[] cmdlets = BothModules.Cmdlets(runspace, module);
        Assert.NotEmpty(cmdlets);

        foreach (CmdletInfo cmdlet in cmdlets)
        {
            shell.Commands.Clear();
            PSObject help = Assert.Single(shell.AddCommand("Get-Help").AddParameter("Name", cmdlet.Name).AddParameter("Full").Invoke());

            Assert.DoesNotContain(cmdlet.Name + " [", Text(help, "Synopsis"), StringComparison.Ordinal);
            Assert.False(string.IsNullOrWhiteSpace(Text(help, "Synopsis")), $"{cmdlet.Name} has no synopsis");
            Assert.NotEmpty(Many(help, "description"));
            Assert.True(Many(Property(help, "examples"), "example").Count >= 3, $"{cmdlet.Name} has fewer than three examples");
            Assert.True(Says(Property(help, "inputTypes"), "inputType", "type", "name"), $"{cmdlet.Name} does not say what its input is");
            Assert.True(
                Says(Property(help, "returnValues"), "returnValue", "type", "name"), $"{cmdlet.Name} does not say what its output is");
            Assert.True(Many(Property(help, "alertSet"), "alert").Count > 1, $"{cmdlet.Name} does not say what its errors are");
            foreach (PSObject parameter in Many(Property(help, "parameters"), "parameter"))
            {
                Assert.True(Many(parameter, "description").Count > 0, $"{cmdlet.Name} -{Text(parameter, "name")} is not described");
                Assert.True(
                    Text(parameter, "required") == "true" || Text(parameter, "defaultValue") is not ("" or "None"),
                    $"{cmdlet.Name} -{Text(parameter, "name")} is not required, and help does not say what holds without it");
            }
        }
    }

    [Theory]
    [InlineData("Invoke-Concurrent")]
    [InlineData("Start-Throttled")]
    public void The_form_that_takes_a_block_is_the_first_of_the_syntax_and_the_limit_stands_before_what_is_rarer(string cmdlet)
    {
        using Runspace runspace = BothModules.OpenRunspace();
        using PowerShell shell = PowerShell.Create(runspace);
        PSObject help = Assert.Single(shell.AddCommand("Get-Help").AddParameter("Name", cmdlet).Invoke());

        List<string> first =
        [
            .. Many(Many(Property(help, "Syntax"), "syntaxItem")[0], "parameter").Select(static parameter => Text(parameter, "name")),
        ];

        Assert.Equal("ScriptBlock", first[0]);
        Assert.True(first.IndexOf("ThrottleLimit") < first.IndexOf("NoJitter"));
    }

    [Theory]
    [InlineData("New-AsyncQueue", "Kind", "Fifo Lifo Priority")]
    [InlineData("Invoke-WithRetry", "RetryBackoff", "Constant Linear Exponential")]
    [InlineData("New-AsyncQueue", "Capacity", "")]
    public void What_there_is_to_choose_from_is_in_the_syntax(string cmdlet, string name, string values)
    {
        using Runspace runspace = BothModules.OpenRunspace();
        using PowerShell shell = PowerShell.Create(runspace);
        PSObject help = Assert.Single(shell.AddCommand("Get-Help").AddParameter("Name", cmdlet).Invoke());

        PSObject parameter = Assert.Single(
            Many(Many(Property(help, "Syntax"), "syntaxItem")[0], "parameter"), parameter => Text(parameter, "name") == name);

        Assert.Equal(
            values,
            string.Join(
                ' ',
                parameter.Properties["parameterValueGroup"] is null ? [] : Many(
                    Property(parameter, "parameterValueGroup"), "parameterValue")));
    }

    [Fact]
    public void An_admonition_is_a_paragraph_that_begins_with_its_kind()
    {
        string help = File.ReadAllText(Path.Combine(BuiltModule.Folder, "en-US", "AsyncPs.dll-Help.xml"));

        Assert.Contains("<maml:para>Note: ", help, StringComparison.Ordinal);
        Assert.Contains("<maml:para>Warning: ", help, StringComparison.Ordinal);
        Assert.DoesNotContain("[!", help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("about_AsyncPs")]
    [InlineData("about_AsyncPs_From_Asyncio")]
    public void About_topics_fit_in_80_columns(string topic)
        => Assert.All(Topic(topic), static line => Assert.True(line.Length < 80, line));

    [Theory]
    [InlineData("asyncio.run")]
    [InlineData("async def")]
    [InlineData("await fetch")]
    [InlineData("asyncio.sleep")]
    [InlineData("gather(")]
    [InlineData("return_exceptions=True")]
    [InlineData("as_completed")]
    [InlineData("create_task")]
    [InlineData("t.cancel()")]
    [InlineData("TaskGroup()")]
    [InlineData("except* ValueError")]
    [InlineData("asyncio.wait_for")]
    [InlineData("asyncio.timeout(5)")]
    [InlineData("FIRST_COMPLETED")]
    [InlineData("shield(")]
    [InlineData("asyncio.Semaphore(")]
    [InlineData("asyncio.Lock()")]
    [InlineData("asyncio.Queue(")]
    [InlineData("q.put_nowait(")]
    [InlineData("q.task_done()")]
    [InlineData("await q.join()")]
    [InlineData("await q.put(None)")]
    [InlineData("async for")]
    [InlineData("yield n")]
    [InlineData("async def pages(")]
    [InlineData("__aenter__")]
    [InlineData("@asynccontextmanager")]
    [InlineData("eager_task_factory")]
    [InlineData("uvloop")]
    [InlineData("free threading")]
    [InlineData("run_in_executor")]
    [InlineData("ProcessPoolExecutor")]
    [InlineData("RuntimeError")]
    [InlineData("await forgotten")]
    [InlineData("except ValueError as e")]
    [InlineData("aiohttp")]
    [InlineData("httpx")]
    [InlineData("ws_connect")]
    [InlineData("asyncpg")]
    [InlineData("aiosqlite")]
    [InlineData("FastAPI")]
    [InlineData("Starlette")]
    [InlineData("AsyncLimiter")]
    [InlineData("wait_exponential")]
    [InlineData("pool.acquire()")]
    [InlineData("batch processor")]
    [InlineData("EventEmitter")]
    [InlineData("c.transaction()")]
    [InlineData("@alru_cache(ttl=300)")]
    [InlineData("SIGTERM")]
    public void The_topic_from_asyncio_has(string construct)
        => Assert.Contains(Topic("about_AsyncPs_From_Asyncio"), line => line.Contains(construct, StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void The_topic_from_asyncio_has_its_programs_side_by_side_in_the_words_of_the_guide_that_is_run()
    {
        string[] programs =
        [
            .. Topic("about_AsyncPs_From_Asyncio")
                .Where(static line => line.Contains(" | ", StringComparison.Ordinal) || line.EndsWith(" |", StringComparison.Ordinal)),
        ];
        string[] blocks = MarkdownPage.PowerShellBlocks("docs/guides/from-asyncio.md");

        Assert.True(blocks.Length >= 40);
        Assert.All(
            blocks.SelectMany(static block => block.TrimEnd().Split('\n')),
            line => Assert.Contains(
                programs, program => program.EndsWith(line.Length == 0 ? " |" : " | " + line, StringComparison.Ordinal)));
    }

    private static string[] Topic(string name) => File.ReadAllLines(Path.Combine(BuiltModule.Folder, "en-US", name + ".help.txt"));

    private static bool Says(PSObject parent, params string[] path)
    {
        PSObject? place = path[..^1].Aggregate((PSObject?)parent, static (at, name) => at is null ? null : Many(at, name).FirstOrDefault());
        return place is not null && !string.IsNullOrWhiteSpace(Text(place, path[^1]));
    }

    private static PSObject Property(PSObject parent, string name) => (PSObject)parent.Properties[name].Value;

    private static string Text(PSObject parent, string name) => parent.Properties[name].Value?.ToString() ?? string.Empty;

    private static List<PSObject> Many(PSObject parent, string name) => parent.Properties[name]?.Value switch
    {
        null => [],
        PSObject { BaseObject: IEnumerable and not string } many => [.. ((IEnumerable)many.BaseObject).Cast<PSObject>()],
        PSObject one => [one],
        IEnumerable many => [.. many.Cast<object>().Select(PSObject.AsPSObject)],
        object other => [PSObject.AsPSObject(other)],
    };
}
