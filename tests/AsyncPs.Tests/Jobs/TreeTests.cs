using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Jobs;

/// <summary>
/// Random trees of groups, jobs, limits, time-outs and failures: a limit is never exceeded, no permit is lost, and all of it ends.
/// </summary>
public sealed class TreeTests : IDisposable
{
    // A node of a tree: it may do something under the limit, fail, take too long, or be a group of nodes.
    private const string Script = """
        function Invoke-Node($random, $depth) {
            switch ($random.Next(8)) {
                0 { throw 'a failure' }
                1 {
                    if ($depth -gt 0) {
                        try {
                            Use-TaskGroup -Timeout 1ms {
                                Start-Throttled -Throttle $limit { while ($true) { [Threading.Thread]::Sleep(1) } }
                            }
                        } catch { }
                    }
                }
                2 { $null = Use-Throttle $gate { $probe.Enter(); [Threading.Thread]::Sleep($random.Next(2)); $probe.Exit() } }
                { $_ -gt 2 -and $depth -gt 0 } {
                    try {
                        Use-TaskGroup -OnError ('Stop', 'Continue')[$random.Next(2)] {
                            foreach ($i in 1..$random.Next(1, 4)) {
                                $seed = $random.Next()
                                $below = $depth - 1
                                Start-Throttled -Throttle $limit { Invoke-Node ([Random]::new($seed)) $below }
                            }
                        } -ErrorAction SilentlyContinue
                    }
                    catch { if ($random.Next(2)) { throw } }
                }
                default { 'leaf' }
            }
        }
        """;

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Trees_keep_limits_lose_nothing_and_end(int limit)
    {
        for (int seed = 0; seed < 12; seed++)
        {
            ScriptRun run = await _session.RunAsync($$"""
                {{Script}}
                $limit = New-Throttle -Limit {{limit}}
                $gate = New-Throttle -Limit 2
                try { $null = Invoke-Node ([Random]::new({{seed}})) 3 } catch { }
                "$($limit.Available) $($limit.Waiting) $($gate.Available) $($gate.Waiting) $(@(Get-Job).Count)"
                """);

            Assert.Equal([$"{limit} 0 2 0 0"], run.Output);
            Assert.True(_session.Probe.Highest <= 2, $"Seed {seed}: {_session.Probe.Highest} were in the gate.");
            Assert.Equal(0, _session.Probe.Running);
            _session.NewProbe();
        }
    }
}
