using System.Text.Json;
using AsyncPs.Concurrency;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Web;

/// <summary>The requests that a server answers itself before it listens.</summary>
public sealed class WarmUpTests : WebTest
{
    [Fact]
    public async Task The_first_client_finds_nearly_everything_compiled()
    {
        long cold = await CompiledByFirstRequestAsync("-NoWarmUp");
        long warm = await CompiledByFirstRequestAsync("");

        Assert.True(warm * 4 < cold, $"The first request compiled {warm} methods after a warm-up, and {cold} without one.");
    }

    [Fact]
    public async Task No_block_of_the_user_runs_and_nothing_is_counted_or_logged()
    {
        ScriptRun run = await Session.RunAsync(
            """
            $routes = New-AsyncRoute GET '/{Id}' { param([int] $Id) Write-Warning "block $Id"; $Id }
            $s = Start-AsyncServer $routes -Port 0 -AsJob -PassThru -RequestLog -Authorize { Write-Warning 'authorize'; $true }
            $s.Requests
            Stop-AsyncServer $s
            Receive-Job $s -Wait
            """,
            WaitLimit);

        Assert.Empty(run.Errors);
        Assert.Empty(run.Streams.Warning);
        Assert.Empty(run.Streams.Information);
        Assert.Equal([0L], run.Output);
    }

    [Fact]
    public async Task Permits_of_the_throttle_are_left_to_clients()
    {
        ScriptRun run = await Session.RunAsync(
            """
            $throttle = New-Throttle -Permits 1 -Per 1h
            $s = New-AsyncRoute GET '/{Id}' { param([int] $Id) $Id } | Start-AsyncServer -Port 0 -AsJob -Throttle $throttle
            try { (Invoke-Concurrent -Uri ($s.Uri[0] + '7')).Content } finally { Stop-AsyncServer $s }
            """,
            WaitLimit);

        Assert.Empty(run.Errors);
        Assert.Equal(["7"], run.Output.Select(static text => text?.ToString()));
    }

    [Fact]
    public async Task It_can_be_stopped_at_any_moment_and_leaves_nothing()
    {
        string name = "warm-up-" + Guid.NewGuid();
        for (int i = 0; i < 12; i++)
        {
            ScriptRun run = Session.Start(
                $"New-AsyncRoute GET '/{{Id}}' {{ param([int] $Id) $Id }} | Start-AsyncServer -Port 0 -Title {name}; 'went on'");
            await Task.Delay(i * 40, Token);
            await run.StopAsync();

            Assert.Empty(run.Output);
        }

        await Condition.UntilAsync(
            () => !LiveCalls.Snapshot().Any(call => call.Options.Source?.Text.Contains(name, StringComparison.Ordinal) == true),
            "each call has ended",
            WaitLimit);
    }

    // Without tiers, the runtime compiles a method once, and the count says what a request was the first to run.
    private static async Task<long> CompiledByFirstRequestAsync(string parameters)
    {
        using ServerProcess server = await ServerProcess.StartAsync(
            """
            New-AsyncRoute GET '/items/{Id}' {
                param([Parameter(Mandatory)][ValidateRange(1, 9)][int] $Id, [ValidateSet('asc', 'desc')][string] $Sort = 'asc')
                [pscustomobject] @{ id = $Id; sort = $Sort; compiled = [Runtime.JitInfo]::GetCompiledMethodCount() }
            }
            """,
            parameters,
            ("DOTNET_TieredCompilation", "0"));
        using var client = new HttpClient();
        long[] counts = new long[2];
        for (int i = 0; i < counts.Length; i++)
        {
            string text = await client.GetStringAsync(new Uri(server.Uri, $"items/{i + 1}?sort=desc"), Token);
            counts[i] = JsonDocument.Parse(text).RootElement.GetProperty("compiled").GetInt64();
        }

        return counts[1] - counts[0];
    }
}
