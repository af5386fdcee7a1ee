using System.Management.Automation;
using AsyncPs.Jobs;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>Breakpoints of the caller that blocks hit, as an editor sees them: through the debugger of the caller's session.</summary>
public sealed class DebuggerTests : IDisposable
{
    private const string Code = """
        $x = 5
        function Get-Double($n) { $n * 2 }
        1..2 | Invoke-Concurrent -ThrottleLimit 1 {
            $y = $_ * 10 + $x
            Get-Double $y
        }
        """;

    private readonly ModuleSession _session = new();
    private readonly List<string> _stops = [];
    private readonly TempFolder _folder = new("asyncps debugged ");
    private int _stopped;
    private int _mostStopped;

    public DebuggerTests()
    {
        File.WriteAllText(_folder["blocks.ps1"], Code);
        _session.Set("file", _folder["blocks.ps1"]);
        _session.Debugger.DebuggerStop += Stopped;
    }

    /// <summary>What the debugger does after a stop.</summary>
    private DebuggerResumeAction Action { get; set; } = DebuggerResumeAction.Continue;

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("-Script $file -Line 5", "5:15 5:25")]
    [InlineData("-Script $file -Line 2", "2:15 2:25")]
    [InlineData("-Command Get-Double", "2:15 2:25")]
    [InlineData("-Variable y -Mode Write", "4:15 4:25")]
    [InlineData("-Variable y -Mode Read -Script $file", "5:15 5:25")]
    public async Task A_breakpoint_of_the_caller_is_hit_in_every_item(string breakpoint, string expected)
    {
        ScriptRun run = await _session.RunAsync($"$b = Set-PSBreakpoint {breakpoint}; & $file; $b.HitCount");

        Assert.Equal([30, 50, 2], run.Output);
        Assert.Equal(expected.Split(' '), _stops);
        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task A_breakpoint_is_gone_from_the_workers_with_the_call()
    {
        await _session.RunAsync("$b = Set-PSBreakpoint -Script $file -Line 5; & $file; $b | Remove-PSBreakpoint; & $file");
        Assert.Equal(2, _stops.Count);
    }

    [Fact]
    public async Task The_action_of_a_breakpoint_runs_in_place_of_a_stop()
    {
        ScriptRun run = await _session.RunAsync("$b = Set-PSBreakpoint -Script $file -Line 5 -Action { 'dropped' }; & $file; $b.HitCount");
        Assert.Equal([30, 50, 2], run.Output);
        Assert.Empty(_stops);
    }

    [Theory]
    [InlineData("Wait-Debugger")]
    [InlineData(@"Microsoft.PowerShell.Utility\Wait-Debugger")]
    public async Task Wait_Debugger_stops(string command)
    {
        ScriptRun run = await _session.RunAsync($"$x = 1; 1 | Invoke-Concurrent {{ $y = $_ + $x; {command}; $y }}");
        Assert.Equal([2], run.Output);
        Assert.Equal(["1:2"], _stops);
    }

    [Theory]
    [InlineData("$null = Set-PSBreakpoint -Variable other")]
    [InlineData("Get-PSBreakpoint | Remove-PSBreakpoint")]
    [InlineData("Get-PSBreakpoint | Disable-PSBreakpoint")]
    [InlineData("Get-PSBreakpoint | Disable-PSBreakpoint; Get-PSBreakpoint | Remove-PSBreakpoint")]
    [InlineData("Set-PSBreakpoint -Variable other | Disable-PSBreakpoint")]
    public async Task What_an_item_does_to_breakpoints_ends_with_it(string change)
    {
        ScriptRun run = await _session.RunAsync($$"""
            $null = Set-PSBreakpoint -Command Get-Nothing
            1..3 | Invoke-Concurrent { Get-PSBreakpoint | ForEach-Object { "$($_.Command) $($_.Enabled)" }; {{change}} } -ThrottleLimit 1
            Get-PSBreakpoint | ForEach-Object { "$($_.Command) $($_.Enabled)" }
            """);
        Assert.Equal(Enumerable.Repeat("Get-Nothing True", 4), run.Output);
        Assert.Empty(_stops);
    }

    [Fact]
    public async Task One_worker_stops_at_a_time()
    {
        ScriptRun run = await _session.RunAsync("""
            $b = Set-PSBreakpoint -Variable y -Mode Write
            1..8 | Invoke-Concurrent { $y = $_; $y } -ThrottleLimit 4 | Sort-Object
            """);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], run.Output);
        Assert.Equal(8, _stops.Count);
        Assert.Equal(1, _mostStopped);
    }

    [Fact]
    public async Task A_breakpoint_is_hit_in_a_call_within_a_block()
    {
        ScriptRun run = await _session.RunAsync("""
            $b = Set-PSBreakpoint -Variable y -Mode Write
            1 | Invoke-Concurrent { 1..2 | Invoke-Concurrent { $y = $_; $y } -ThrottleLimit 1 }
            """);
        Assert.Equal([1, 2], run.Output);
        Assert.Equal(2, _stops.Count);
    }

    [Fact]
    public async Task Steps_lead_from_statement_to_statement_of_the_block()
    {
        Action = DebuggerResumeAction.StepInto;
        await _session.RunAsync("$b = Set-PSBreakpoint -Script $file -Line 4; & $file");
        Assert.Equal(["4:", "5:15", "2:15", "2:15", "2:15", "6:15", "3:", "4:", "5:25"], _stops.Take(9));
    }

    [Fact]
    public async Task Quitting_the_debugger_ends_the_script()
    {
        Action = DebuggerResumeAction.Stop;
        ScriptRun run = _session.Start("$b = Set-PSBreakpoint -Script $file -Line 5; & $file; 'went on'");
        try
        {
            await run.EndAsync();
        }
        catch (RuntimeException)
        {
            // As in place.
        }

        Assert.DoesNotContain("went on", run.Output);
        Assert.Single(_stops);
    }

    [Theory]
    [InlineData("& $file; 'went on'")]
    [InlineData("1..2000 | ForEach-Object { $_ } | Invoke-Concurrent { $y = $_; $y } -ThrottleLimit 1")]
    [InlineData("& { foreach ($once in 1) { 1..2000 | Invoke-Concurrent { $y = $_; $y } -ThrottleLimit 1 | ForEach-Object { $_ } } }")]
    [InlineData("1..2000 | ForEach-Object { $_ } | Invoke-Concurrent { 1 | Invoke-Concurrent { $y = $_; $y } } -ThrottleLimit 1")]
    public async Task Finally_blocks_around_run_to_their_end_when_the_debugger_is_quit(string statement)
    {
        Action = DebuggerResumeAction.Stop;
        for (int i = 0; i < Stress.Times(10); i++)
        {
            var ended = new System.Collections.Hashtable { ["Statements"] = 0 };
            _session.Set("ended", ended);
            ScriptRun run = _session.Start($$"""
                $null = Set-PSBreakpoint -Variable y -Mode Write
                try { {{statement}} | Out-Null } finally {
                    $ended.Statements++
                    1..3 | ForEach-Object { $ended.Statements++ }
                    $ended.Statements++
                }
                $ended.Statements = 'went on'
                """);
            try
            {
                await run.EndAsync();
            }
            catch (RuntimeException)
            {
                // As in place.
            }

            Assert.Equal(5, ended["Statements"]);
        }
    }

    [Theory]
    [InlineData("$b | Remove-PSBreakpoint", "Set-PSBreakpoint -Variable n -Mode Read", "1:2 1:3")]
    [InlineData("$b | Remove-PSBreakpoint", "Set-PSBreakpoint -Command Get-Double", "1:2 1:3")]
    [InlineData("$b | Remove-PSBreakpoint", "Set-PSBreakpoint -Script $file -Line 5", "5:2 5:3")]
    [InlineData("$null = $b | Disable-PSBreakpoint", "$b | Enable-PSBreakpoint", "5:2 5:3")]
    [InlineData("", "$b | Disable-PSBreakpoint", "5:1")]
    [InlineData("", "$b | Remove-PSBreakpoint", "5:1")]
    public async Task A_breakpoint_that_is_changed_while_a_call_runs_is_as_it_is_then(string before, string change, string expected)
    {
        await File.WriteAllTextAsync(
            _folder["blocks.ps1"],
            """
            function Get-Double($n) { $n * 2 }
            1..3 | Invoke-Concurrent -ThrottleLimit 1 {
                if ($_ -eq 2) { $probe.Hold() }
                $y = $_
                Get-Double $y
            } | ForEach-Object { $_; if ($_ -eq 2) { $null = . $change; $probe.Open() } }
            """,
            TestContext.Current.CancellationToken);
        ScriptRun run = await _session.RunAsync(
            $"$b = Set-PSBreakpoint -Script $file -Line 5; {before}; $change = {{ {change} }}; & $file");

        Assert.Equal([2, 4, 6], run.Output);
        Assert.Equal(expected.Split(' '), _stops);
    }

    // Without another breakpoint, PowerShell compiles code so that it does not look at variable breakpoints.
    [Theory]
    [InlineData("")]
    [InlineData("$null = Set-PSBreakpoint -Command nowhere; ")]
    public async Task A_variable_breakpoint_is_hit_in_code_that_runs_already_as_it_is_in_place(string before)
    {
        var hits = new List<string>();
        foreach (string call in new[] { "& { process ", "Invoke-Concurrent -ThrottleLimit 1 { & " })
        {
            await File.WriteAllTextAsync(
                _folder["blocks.ps1"],
                $$"""
                1 | {{call}} {
                    foreach ($i in 1..3) {
                        if ($i -eq 2) { 'set'; $probe.Hold() }
                        $n = $i
                    }
                } } | ForEach-Object { $null = Set-PSBreakpoint -Script $file -Variable n -Mode Write; $probe.Open() }
                """,
                TestContext.Current.CancellationToken);
            _stops.Clear();
            _session.NewProbe();
            await _session.RunAsync($"Get-PSBreakpoint | Remove-PSBreakpoint; {before}& $file; Get-PSBreakpoint | Remove-PSBreakpoint");
            hits.Add(string.Join(' ', _stops.Select(static stop => stop.Split(':')[0])));
        }

        Assert.Equal(before.Length > 0 ? "4 4" : "", hits[0]);
        Assert.Equal(hits[0], hits[1]);
    }

    [Fact]
    public async Task A_job_has_a_debugger_while_its_block_runs()
    {
        var go = new bool[2];
        var jobs = new List<ThrottledJob>();
        _session.Set("go", go);
        _session.Set("jobs", jobs);
        await _session.RunAsync("""
            $jobs.Add((Start-Throttled { $y = 'inside'; $go[1] = $true; while (-not $go[0]) { [Threading.Thread]::Sleep(1) }; $y }))
            """);
        ThrottledJob job = jobs[0];
        await Condition.UntilAsync(() => Volatile.Read(ref go[1]), "the block of the job runs", TimeSpan.FromMinutes(1));

        Debugger debugger = job.Debugger!;
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        debugger.DebuggerStop += (_, e) =>
        {
            PSDataCollection<PSObject> values = [];
            debugger.ProcessCommand(new PSCommand().AddScript("$y"), values);
            debugger.ProcessCommand(new PSCommand().AddCommand("prompt"), values);
            go[0] = true;
            e.ResumeAction = DebuggerResumeAction.Continue;
            seen.TrySetResult(string.Join(' ', values));
        };
        debugger.SetParent(_session.Debugger, [], DebuggerResumeAction.StepInto, host: null, path: null);

        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        string prompt = await seen.Task.WaitAsync(TimeSpan.FromMinutes(1), cancellationToken);
        Assert.StartsWith($"inside [DBG]: [{job.Name}]: PS ", prompt, StringComparison.Ordinal);
        PSDataCollection<PSObject> output = await job.Task.WaitAsync(TimeSpan.FromMinutes(1), cancellationToken);
        Assert.Equal("inside", Assert.Single(output).ToString());
        Assert.Null(job.Debugger);
    }

    private void Stopped(object? sender, DebuggerStopEventArgs e)
    {
        int stopped = Interlocked.Increment(ref _stopped);
        PSDataCollection<PSObject> values = [];
        _session.Debugger.ProcessCommand(new PSCommand().AddScript("$y"), values);
        lock (_stops)
        {
            _mostStopped = Math.Max(_mostStopped, stopped);
            _stops.Add($"{e.InvocationInfo.ScriptLineNumber}:{string.Join(',', values)}");
        }

        Interlocked.Decrement(ref _stopped);
        e.ResumeAction = Action;
    }
}
