using AsyncPs.Concurrency.Coroutines;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>
/// After some items, a worker gives the scopes of a block the tables of the item before. An item must not notice: each must find what the
/// first items found.
/// </summary>
[Collection(nameof(SerialTests))]
public sealed class ScopeTablesTests : IDisposable
{
    private const int Items = 120;

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Variable made by a command", "[bool](Get-Variable own -Scope 0 -ErrorAction Ignore); Set-Variable own $_ -Scope 0")]
    [InlineData("Variable read after it was set", "(Get-Variable ow* -Scope 0).Count; Set-Variable own 1; (Get-Variable own).Value")]
    [InlineData("Variables of the scope", "(Get-Variable -Scope 0).Name -join ' '")]
    [InlineData("Variable that becomes one of every scope", """
        [bool](Get-Variable everywhere -Scope 0 -ErrorAction Ignore)
        New-Variable everywhere 1 -Scope Global -Option AllScope
        [bool](Get-Variable everywhere -Scope 0 -ErrorAction Ignore)
        & { [bool](Get-Variable everywhere -Scope 0 -ErrorAction Ignore) }
        """)]
    [InlineData("Private variable", "[bool](Get-Variable mine -ErrorAction Ignore); $private:mine = 1; & { $mine }")]
    [InlineData("Removed and made again", "Remove-Variable PID -Scope 0 -Force -ea 0; New-Variable PID 1 -Scope 0 -ea 0; $PID -eq 1")]
    [InlineData("Alias", "[bool](Get-Alias own -ErrorAction Ignore); Set-Alias own Get-Date -Scope 0; (Get-Alias own).Definition")]
    [InlineData("Alias of every scope removed", "[bool](Get-Alias cd -ea Ignore); Remove-Alias cd -Scope 0 -Force -ErrorAction Ignore")]
    [InlineData("Function", "[bool](Get-Command own -ErrorAction Ignore); function own { 'own' }; own")]
    [InlineData("Variable of a function", "function inner { Set-Variable made 5; $made }; inner; [bool](Get-Variable made -ea Ignore)")]
    [InlineData("Dot-sourced block", ". { Set-Variable dotted 1 }; $dotted; [bool](Get-Variable dotted -Scope 0)")]
    [InlineData("Variable of the caller", "$fromCaller; $fromCaller = 2; $fromCaller; Set-Variable fromCaller 3; $fromCaller")]
    [InlineData("Global variable", "[bool](Get-Variable shared -Scope Global -ErrorAction Ignore); $global:shared = 1; $shared")]
    [InlineData("Failure", "if ([int]$_ % 2) { Set-Variable own 1 -Scope 0; throw 'no' }; [bool](Get-Variable own -Scope 0 -ea Ignore)")]
    public async Task Each_item_finds_what_the_first_found(string what, string block)
    {
        ScriptRun run = await _session.RunAsync($$"""
            $fromCaller = 1
            1..{{Items}} | Invoke-Concurrent { {{block}} } -ThrottleLimit 1 -AsResult | ForEach-Object { "$($_.Output)|$($_.Error)" }
            """);

        // The first two have different results in one case.
        string[] first = [.. run.Output.Take(2).Cast<string>()];
        Assert.Equal(Items, run.Output.Count);
        Assert.All(run.Output.Cast<string>(), (output, item) => Assert.True(first[item % 2] == output, $"{what}, item {item}: {output}"));
    }

    [Fact]
    public async Task Suspended_items_keep_their_own()
    {
        ScriptRun run = await _session.RunAsync($$"""
            1..{{Items}} | Invoke-Concurrent {
                Set-Variable own $_ -Scope 0
                await ([Threading.Tasks.Task]::Delay(1))
                if ((Get-Variable own -Scope 0 -ValueOnly) -ne $_) { "$_ found another" }
            } -ThrottleLimit {{Items}}
            1..{{Items}} | Invoke-Concurrent {
                if ($_ % 3 -eq 0) { await ([Threading.Tasks.Task]::Delay(1)) }
                if (Get-Variable own -Scope 0 -ErrorAction Ignore) { "$_ found one" }
                Set-Variable own $_ -Scope 0
                if ($_ % 3 -eq 1) { await ([Threading.Tasks.Task]::Delay(1)) }
                if ((Get-Variable own -Scope 0 -ValueOnly) -ne $_) { "$_ found another" }
            } -ThrottleLimit 8
            """);

        Assert.Empty(run.Errors);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task A_block_that_did_not_suspend_can_suspend_later()
    {
        TaskCompletionSource gate = new();
        _session.Set("gate", gate.Task);
        Environment.SetEnvironmentVariable(CoroutinePlan.Switch, "off");
        try
        {
            await _session.RunAsync($$"""
                $global:switched = { if ($_ -eq 'wait') { $probe.Produce(); await $gate }; $fromCaller }
                1..{{Items}} | Invoke-Concurrent $switched -ThrottleLimit 1
                """);
        }
        finally
        {
            Environment.SetEnvironmentVariable(CoroutinePlan.Switch, null);
        }

        ScriptRun run = _session.Start("@('wait') * 30 | Invoke-Concurrent $switched -ThrottleLimit 30");
        await Condition.UntilAsync(() => _session.Probe.Produced == 30, "all wait");
        Assert.InRange(CallWorkers.Of("$switched"), 0, 15);

        gate.SetResult();
        await run.EndAsync();
        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task A_name_that_is_looked_up_costs_little_more_than_none()
    {
        Assert.SkipWhen(EngineInternals.ScopeTables is null, "this engine is another one");
        ScriptRun run = await _session.RunAsync("""
            function Measure-Bytes($block) {
                foreach ($round in 1..2) { $null = 1..3000 | Invoke-Concurrent $block -ThrottleLimit 1 }
                $before = [GC]::GetTotalAllocatedBytes($true)
                $null = 1..3000 | Invoke-Concurrent $block -ThrottleLimit 1
                ([GC]::GetTotalAllocatedBytes($true) - $before) / 3000
            }

            $fromCaller = 1
            (Measure-Bytes { $fromCaller }) - (Measure-Bytes { 1 })
            """);

        Assert.InRange(Assert.IsType<double>(Assert.Single(run.Output)), -500, 1000);
    }
}
