using System.Management.Automation;
using System.Management.Automation.Runspaces;
using AsyncPs.Concurrency;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>Every way to stop a call, at each moment, many times: nothing is left behind and the next call works.</summary>
[Collection(nameof(SerialTests))]
public sealed class StopTests : IDisposable
{
    private const int Repetitions = 200;

    /// <summary>
    /// Of stops that end a worker: each takes as long as a body is given before that, a tenth of a second. All of them where it
    /// is to be long.
    /// </summary>
    private static readonly int LongRepetitions = Stress.IsLong ? Repetitions : 40;

    private const long MemoryBound = 24 * 1024 * 1024;

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public Task While_the_input_is_produced() => StopRepeatedlyAsync(
        "& { while ($true) { $probe.Produce(); 1 } } | Invoke-Concurrent { $_ } -ThrottleLimit 4",
        static (probe, round) => probe.Produced > round);

    [Fact]
    public Task While_bodies_loop() => StopRepeatedlyAsync(
        "1..100 | Invoke-Concurrent { $args[0].Enter(); while ($true) { } } -ThrottleLimit 2 -ArgumentList $probe",
        static (probe, _) => probe.Running == 2);

    [Fact]
    public Task While_bodies_sleep_for_ever() => StopRepeatedlyAsync(
        "1..100 | Invoke-Concurrent { $args[0].Enter(); [Threading.Thread]::Sleep(-1) } -ThrottleLimit 4 -ArgumentList $probe",
        static (probe, _) => probe.Running == 4,
        repetitions: LongRepetitions);

    [Fact]
    public Task While_bodies_wait_for_a_gate() => StopRepeatedlyAsync(
        "1..100 | Invoke-Concurrent { $args[0].Pass() } -ThrottleLimit 4 -ArgumentList $probe",
        static (probe, _) => probe.Running == 4,
        repetitions: LongRepetitions);

    [Fact]
    public Task While_workers_open() => StopRepeatedlyAsync(
        "1..100 | ForEach-Object { $probe.Produce(); $_ } | Invoke-Concurrent { $args[0].Pass() } -ThrottleLimit 4 -UseNewRunspace "
            + "-ArgumentList $probe",
        static (probe, round) => probe.Produced > 0 && probe.Running >= round % 3,
        usesNewRunspaces: true,
        repetitions: LongRepetitions);

    [Fact]
    public Task While_bodies_wait_to_write() => StopRepeatedlyAsync(
        "1..100 | Invoke-Concurrent { foreach ($i in 1..10000000) { $i } } -ThrottleLimit 4 | ForEach-Object { $probe.Enter(); "
            + "while ($true) { } }",
        static (probe, _) => probe.Running == 1);

    [Fact]
    public Task While_bodies_wait_for_their_turn() => StopRepeatedlyAsync(
        "1..100000 | ForEach-Object { $probe.Produce(); $_ } | Invoke-Concurrent { if ($_ -eq 1) { $args[0].Pass() }; "
            + "1..100 } -ThrottleLimit 4 -Ordered -ArgumentList $probe",
        static (probe, round) => probe.Running == 1 && probe.Produced > 40 + (round % 30),
        repetitions: LongRepetitions);

    [Fact]
    public Task At_any_moment() => StopRepeatedlyAsync(
        "$probe.Produce(); 1..200 | Invoke-Concurrent { $_ } -ThrottleLimit 4; $probe.Produce()",
        static (probe, round) =>
        {
            Thread.SpinWait(round * 100);
            return probe.Produced > 0;
        });

    [Fact]
    public Task A_break_downstream_on_an_endless_input() => RunRepeatedlyAsync(
        ":out do { & { while ($true) { $probe.Produce(); 1 } } | Invoke-Concurrent { $_ } -ThrottleLimit 4 | ForEach-Object { $_; "
            + "break out } } while ($false)");

    [Fact]
    public Task A_break_downstream_of_looping_bodies() => RunRepeatedlyAsync(
        "do { 1..100 | Invoke-Concurrent { if ($_ -eq 1) { 1 } else { while ($true) { } } } -ThrottleLimit 2 | ForEach-Object { $_; "
            + "break } } while ($false)");

    [Fact]
    public Task An_error_downstream_on_an_endless_input() => RunRepeatedlyAsync(
        "try { & { while ($true) { $probe.Produce(); 1 } } | Invoke-Concurrent { $_ } -ThrottleLimit 4 | ForEach-Object { throw 'enough' "
            + "} } catch { 1 }");

    [Fact]
    public Task An_error_upstream() => RunRepeatedlyAsync(
        "try { & { 1..10; throw 'enough' } | Invoke-Concurrent { while ($true) { } } -ThrottleLimit 2 } catch { 1 }");

    [Fact]
    public Task ErrorAction_Stop() => RunRepeatedlyAsync(
        "try { 1..100 | Invoke-Concurrent { if ($_ -eq 2) { throw 'enough' }; while ($true) { } } -ThrottleLimit 2 -ErrorAction Stop } "
            + "catch { 1 }");

    [Fact]
    public async Task Ten_million_items_and_an_early_end_take_no_more_than_the_first_few()
    {
        ScriptRun run = await _session.RunAsync(
            "do { 1..10000000 | ForEach-Object { $probe.Produce(); $_ } | Invoke-Concurrent { $_ } | ForEach-Object { $n = 0 } { $_; "
                + "if (++$n -eq 10) { break } } } while ($false)");

        Assert.Equal(10, run.Output.Count);
        Assert.InRange(_session.Probe.Produced, 10, 2000);
    }

    [Fact]
    public async Task Finally_blocks_of_bodies_run_when_the_call_is_stopped()
    {
        for (int i = 0; i < 20; i++)
        {
            Probe probe = _session.NewProbe();
            ScriptRun run = _session.Start(
                "1..100 | Invoke-Concurrent { $args[0].Enter(); try { while ($true) { } } finally { $args[0].Exit() } } -ThrottleLimit 2 "
                    + "-ArgumentList $probe");
            await Condition.UntilAsync(() => probe.Running == 2, "bodies run");

            await run.StopAsync();

            Assert.Equal(2, probe.Ended);
        }
    }

    [Theory]
    [InlineData("$n = 0; while ($true) { (++$n) }")]
    [InlineData("[Threading.Thread]::Sleep(-1)")]
    [InlineData("[Threading.Tasks.Task]::Delay(-1).Wait()")]
    [InlineData("[Threading.Tasks.Task]::Delay(-1, $AsyncContext.CancellationToken).Wait()")]
    public async Task A_stop_that_comes_late_ends_no_finally_block(string body)
    {
        PipelineStop.Delay = static () => Thread.Sleep(400);
        try
        {
            ScriptRun run = await _session.RunAsync($$"""
                $state = [hashtable]::Synchronized(@{ })
                1..2 | Invoke-Concurrent -UseNewRunspace -ThrottleLimit 2 -ItemTimeout 2s -ErrorAction Ignore {
                    try { {{body}} } finally {
                        1..5 | ForEach-Object { [Threading.Thread]::Sleep(100) }
                        Write-Error 'told' 2> $null
                        $state["Ended$_"] = 1
                    }
                } | Out-Null
                $state.Ended1 + $state.Ended2
                """);
            Assert.Equal([2], run.Output);
        }
        finally
        {
            PipelineStop.Delay = null;
        }
    }

    [Fact]
    public async Task Bodies_cannot_catch_the_stop()
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start(
            "1..100 | Invoke-Concurrent { while ($true) { try { $args[0].Pass() } catch { } } } -ThrottleLimit 2 -ArgumentList $probe");
        await Condition.UntilAsync(() => probe.Running == 2, "bodies run");

        await run.StopAsync();

        Assert.Equal([1], (await _session.RunAsync("1 | Invoke-Concurrent { $_ }")).Output);
    }

    [Fact]
    public async Task New_runspaces_are_gone_when_the_command_returns()
    {
        HashSet<Guid> before = [.. Counters.WorkerRunspaces.Select(r => r.InstanceId)];
        int threads = Counters.WorkerThreads;

        for (int i = 0; i < 20; i++)
        {
            ScriptRun run = await _session.RunAsync(
                "1..20 | Invoke-Concurrent { [runspace]::DefaultRunspace.InstanceId } -UseNewRunspace -ThrottleLimit 4");

            Assert.Equal(20, run.Output.Distinct().Count());
            Assert.DoesNotContain(run.Output, id => before.Contains((Guid)id!));
            Assert.All(Counters.WorkerRunspaces, r => Assert.DoesNotContain((object)r.InstanceId, run.Output));
        }

        await Condition.UntilAsync(() => Counters.WorkerThreads <= threads, "the threads of the new runspaces have ended");
    }

    [Fact]
    public async Task Many_calls_one_after_another_share_a_few_workers()
    {
        await RepeatAsync(() => _session.RunAsync("1..20 | Invoke-Concurrent { $_ } -ThrottleLimit 4"));
    }

    [Fact]
    public async Task A_runspace_that_somebody_closes_does_not_hold_the_call_up()
    {
        for (int i = 0; i < 20; i++)
        {
            Probe probe = _session.NewProbe();
            ScriptRun run = _session.Start("""
                1..50 | Invoke-Concurrent -ThrottleLimit 2 -Args $probe {
                    if ($_ -eq 1) { [runspace]::DefaultRunspace.Name = 'AsyncPs worker victim'; $args[0].Enter(); while ($true) { } }
                    $_
                }
                """);
            await Condition.UntilAsync(() => probe.Running == 1, "the first item runs");

            Runspace victim = Assert.Single(Counters.WorkerRunspaces, r => r.Name == "AsyncPs worker victim");
            await Task
                .Run(victim.Dispose, TestContext.Current.CancellationToken)
                .WaitAsync(Condition.Deadline, TestContext.Current.CancellationToken);

            await run.EndAsync();
            Assert.Equal(Enumerable.Range(2, 49).Cast<object?>(), run.Output.Order());
            ErrorRecord error = Assert.Single(run.Errors);
            Assert.Equal(1, error.Target());
        }
    }

    [Fact]
    public async Task An_idle_runspace_that_somebody_closes_is_replaced()
    {
        for (int i = 0; i < 20; i++)
        {
            await _session.RunAsync("1..8 | Invoke-Concurrent { $_ } -ThrottleLimit 4");
            foreach (Runspace runspace in Counters.WorkerRunspaces)
            {
                await Task
                    .Run(runspace.Dispose, TestContext.Current.CancellationToken)
                    .WaitAsync(Condition.Deadline, TestContext.Current.CancellationToken);
            }

            ScriptRun run = await _session.RunAsync("1..8 | Invoke-Concurrent { $_ } -ThrottleLimit 4");
            Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], run.Output.Order());
        }
    }

    private Task StopRepeatedlyAsync(
        string script,
        Func<Probe, int, bool> isMoment,
        bool usesNewRunspaces = false,
        int repetitions = Repetitions)
    {
        int round = 0;
        return RepeatAsync(
            async () =>
            {
                int now = round++;
                Probe probe = _session.NewProbe();
                ScriptRun run = _session.Start(script);
                await Condition.UntilAsync(() => isMoment(probe, now), "the moment to stop has come");
                await run.StopAsync();
            },
            usesNewRunspaces,
            repetitions);
    }

    private Task RunRepeatedlyAsync(string script) => RepeatAsync(async () =>
    {
        Probe probe = _session.NewProbe();
        ScriptRun run = await _session.RunAsync(script);
        Assert.Equal([1], run.Output);
        Assert.InRange(probe.Produced, 0, 5000);
    });

    private async Task RepeatAsync(Func<Task> round, bool usesNewRunspaces = false, int repetitions = Repetitions)
    {
        // Fill the pool and all other caches.
        for (int i = 0; i < 5; i++)
        {
            await round();
        }

        await NextCallWorksAsync();
        int threads = Counters.WorkerThreads;
        int runspaces = Counters.WorkerRunspaces.Count;
        long memory = Counters.Memory;

        for (int i = 0; i < repetitions; i++)
        {
            await round();
        }

        await NextCallWorksAsync();
        // A call does not wait until the workers of the last one are back in the pool, so on busy processors several calls may have
        // workers. One lost worker in each round would give far more.
        int slack = usesNewRunspaces ? 0 : repetitions / 8;
        await Condition.UntilAsync(
            () => Counters.WorkerThreads <= threads + slack && Counters.WorkerRunspaces.Count <= runspaces + slack,
            $"no more than {threads} threads and {runspaces} runspaces are left (now {Counters.WorkerThreads} and "
                + $"{Counters.WorkerRunspaces.Count})");
        Assert.InRange(Counters.Memory - memory, long.MinValue, MemoryBound);
    }

    private async Task NextCallWorksAsync()
    {
        ScriptRun run = await _session.RunAsync("1..20 | Invoke-Concurrent { $_ } -Ordered -ThrottleLimit 4");
        Assert.Equal(Enumerable.Range(1, 20).Cast<object?>(), run.Output);
    }
}
