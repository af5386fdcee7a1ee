using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>examples/name-hosts.ps1 with a resolver of the test's own.</summary>
public sealed class NameHostsTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private string Log => _folder["the.log"];

    [Fact]
    public async Task Each_address_is_looked_up_once_and_the_lines_keep_their_order()
    {
        string[] lines = [.. Enumerable.Range(0, 300).Select(static i => $"10.0.0.{i % 3} - [{i}] GET /")];
        await File.WriteAllLinesAsync(Log, [.. lines, "10.9.9.9 unknown"], TestContext.Current.CancellationToken);
        _session.Set("example", Repository.Example("name-hosts.ps1"));
        _session.Set("log", Log);

        ScriptRun run = await _session.RunAsync("""
            & $example $log -Resolve {
                param($address) if ($address -notlike '10.9*') { $probe.Enter(); "host-$($address.Split('.')[-1])" }
            }
            """);

        Assert.Empty(run.Errors);
        Assert.Equal([.. lines.Select(static (line, i) => $"host-{i % 3} {line}"), "10.9.9.9 unknown"], run.Output);
        Assert.Equal(3, _session.Probe.Running);
        Assert.Matches(@"^301 lines, 4 addresses, 300 lines with a name; [\d.,]+ s$", Assert.Single(run.Streams.Information).ToString());
    }

    [Fact]
    public async Task Lines_are_as_they_were_but_for_the_name()
    {
        string[] lines = ["10.0.0.1 ends with a tab\t", "  begins with spaces", "", "10.9.9.9 has no name  ", "10.0.0.1"];
        await File.WriteAllLinesAsync(Log, lines, TestContext.Current.CancellationToken);
        _session.Set("example", Repository.Example("name-hosts.ps1"));
        _session.Set("log", Log);

        ScriptRun run = await _session.RunAsync("& $example $log -Resolve { param($address) if ($address -like '10.0*') { 'host' } }");

        Assert.Empty(run.Errors);
        Assert.Equal(["host " + lines[0], lines[1], lines[2], lines[3], "host " + lines[4]], run.Output);
    }
}
