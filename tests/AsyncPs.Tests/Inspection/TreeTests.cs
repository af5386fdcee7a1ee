using AsyncPs.Inspection;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Inspection;

/// <summary>Parents and children in the tree of calls.</summary>
public sealed class TreeTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly ModuleSession _other = new();
    private readonly string _mark = $"mark-{Guid.NewGuid():N}";

    public void Dispose()
    {
        _session.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task Nested_calls_stand_below_the_items_that_wait_for_them()
    {
        ScriptRun run = _session.Start(
            $"0 | Invoke-Concurrent {{ $x = 5, 6 | Invoke-Concurrent -ThrottleLimit 2 {{ $probe.Pass() }}; $x }} # {_mark}");
        await Condition.UntilAsync(() => _session.Probe.Running == 2, "the inner blocks run", TimeSpan.FromMinutes(1));

        ConcurrentTreeLine[] lines = await TreeAsync();
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Equal([1, 2, 3, 4, 4], lines.Select(static line => line.Depth));
        Assert.StartsWith("└─ #", lines[0].Tree.Replace("├", "└", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("[1] 6 ", lines[4].Tree, StringComparison.Ordinal);
        Assert.Equal($"#{lines[0].Call!.Id}[0]", lines[2].Call!.Parent);
    }

    [Fact]
    public async Task Jobs_of_a_group_stand_below_the_group()
    {
        ScriptRun run = _session.Start($"Use-TaskGroup {{ $null = Start-Throttled -Name inner {{ $probe.Pass() }} }} # {_mark}");
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the job runs", TimeSpan.FromMinutes(1));

        ConcurrentTreeLine[] all = await AllAsync();
        ConcurrentTreeLine[] lines = all[Array.FindIndex(all, static line => line.Tree.TrimStart('├', '└', '─', ' ') == "Use-TaskGroup")..];
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Equal("Use-TaskGroup", lines[1].Call!.Group);
        Assert.Equal(lines[0].Depth + 1, lines[1].Depth);
        Assert.Equal("inner", lines[2].Item!.Job);
    }

    [Fact]
    public async Task A_call_that_is_gone_is_an_error()
    {
        ScriptRun run = await _other.RunAsync("Get-ConcurrentCall -Id 999999999");

        Assert.Equal("CallNotFound,AsyncPs.Commands.GetConcurrentCallCommand", Assert.Single(run.Errors).FullyQualifiedErrorId);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task Calls_are_chosen_and_completed_by_number()
    {
        ScriptRun run = _session.Start($"0 | Invoke-Concurrent {{ $probe.Pass() }} # {_mark}");
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the block runs", TimeSpan.FromMinutes(1));
        long id = CallInspector.Inspect().Single(call => call.Text.Contains(_mark, StringComparison.Ordinal)).Id;

        ScriptRun chosen = await _other.RunAsync($"""
            (Get-ConcurrentCall {id}).Command
            (TabExpansion2 'Get-ConcurrentCall {id}' ('Get-ConcurrentCall {id}'.Length)).CompletionMatches.CompletionText
            """);
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Equal("Invoke-Concurrent", chosen.Output[0]);
        Assert.Contains(id.ToString(System.Globalization.CultureInfo.InvariantCulture), chosen.Output.Skip(1));
    }

    private async Task<ConcurrentTreeLine[]> TreeAsync()
    {
        ConcurrentTreeLine[] all = await AllAsync();
        int start = Array.FindIndex(all, line => line.Call?.Text.Contains(_mark, StringComparison.Ordinal) == true && line.Call.Id > 0);
        return [.. all.Skip(start).TakeWhile((line, i) => i == 0 || line.Depth > all[start].Depth)];
    }

    private async Task<ConcurrentTreeLine[]> AllAsync()
        => [.. (await _other.RunAsync("Get-ConcurrentCall -Tree")).Output.Cast<ConcurrentTreeLine>()];
}
