using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>-FailFast: the first failure stops the others, and one error carries all.</summary>
public sealed class FailFastTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Siblings_that_their_token_wakes_have_not_failed()
    {
        for (int i = 0; i < 20; i++)
        {
            Probe probe = _session.NewProbe();
            ScriptRun run = _session.Start(
                "try { 1..4 | Invoke-Concurrent -FailFast -ThrottleLimit 4 { ($using:probe).Enter(); "
                    + "if ($_ -eq 1) { ($using:probe).Hold(); throw 'first' }; [Threading.Tasks.Task]::Delay(-1, "
                    + "$AsyncContext.CancellationToken).Wait(); 'after' } } catch { $_.Exception.InnerExceptions.Message }");
            await Condition.UntilAsync(() => probe.Running == 4, "all four run");
            probe.Open();
            await run.EndAsync();

            Assert.Equal(["first"], run.Output);
        }
    }

    [Fact]
    public async Task The_first_failure_stops_the_others_and_ends_the_call()
    {
        for (int i = 0; i < 50; i++)
        {
            Probe probe = _session.NewProbe();
            ErrorRecord error = await _session.FailStatementAsync(
                "1..100 | Invoke-Concurrent -FailFast -ThrottleLimit 4 -Args $probe { if ($_ -eq 3) { throw 'bad' }; "
                    + "try { $args[0].Pass() } finally { $args[0].Exit() } }");

            Assert.Equal("FailFast,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
            Assert.Equal(3, error.Target());
            Assert.Equal("bad", Assert.Single(Assert.IsAssignableFrom<AggregateException>(error.Exception).InnerExceptions).Message);
            Assert.InRange(probe.Ended, 0, 8);
        }
    }

    [Fact]
    public async Task The_error_carries_every_failure_with_its_record()
    {
        ErrorRecord error = await _session.FailStatementAsync("""
            $b = [Threading.Barrier]::new(2)
            1..2 | Invoke-Concurrent -FailFast -ThrottleLimit 2 -Args $b { $args[0].SignalAndWait(); throw "bad $_" }
            """);

        var failures = (IEnumerable<ErrorRecord>)error.Exception.GetType().GetProperty("ErrorRecords")!.GetValue(error.Exception)!;
        Assert.Subset(new HashSet<string> { "bad 1", "bad 2" }, failures.Select(f => f.Exception.Message).ToHashSet());
        Assert.All(failures, f => Assert.Equal($"bad {f.Target()}", f.Exception.Message));
    }

    [Fact]
    public async Task The_error_of_a_stopped_siblings_clean_up_comes_after_the_failure()
    {
        for (int i = 0; i < 20; i++)
        {
            _session.NewProbe();
            ErrorRecord error = await _session.FailStatementAsync("""
                1..2 | Invoke-Concurrent -FailFast -ThrottleLimit 2 -Args $probe {
                    $probe = $args[0]
                    if ($_ -eq 1) { while (-not $probe.Running) { }; throw 'bad' }
                    try { $probe.Enter(); while ($true) { } } finally { [int]::Parse('x') }
                }
                """);

            Assert.Collection(
                ((AggregateException)error.Exception).InnerExceptions,
                static failure => Assert.Equal("bad", failure.Message),
                static cleanUp => Assert.IsType<FormatException>(cleanUp));
        }
    }

    [Fact]
    public async Task What_succeeded_before_is_written()
    {
        ScriptRun run = await _session.RunAsync(
            "try { 1..10 | Invoke-Concurrent -FailFast -ThrottleLimit 1 { if ($_ -eq 5) { throw 'bad' }; $_ } } catch { 'caught' }");

        Assert.Equal([1, 2, 3, 4, "caught"], run.Output);
        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task With_AsResult_every_item_taken_has_its_result()
    {
        ScriptRun run = await _session.RunAsync("""
            try {
                1..20 | Invoke-Concurrent -FailFast -AsResult -Ordered -ThrottleLimit 1 { if ($_ -eq 5) { throw 'bad' }; $_ } |
                    ForEach-Object { "$($_.Input) $($_.Status)" }
            }
            catch { 'caught' }
            """);

        Assert.Equal(["1 Succeeded", "2 Succeeded", "3 Succeeded", "4 Succeeded", "5 Failed"], run.Output.Take(5));
        Assert.All(run.Output.Skip(5).SkipLast(1), static o => Assert.EndsWith("Canceled", (string)o!, StringComparison.Ordinal));
        Assert.Equal("caught", run.Output[^1]);
    }

    [Fact]
    public async Task Without_a_failure_nothing_changes()
    {
        ScriptRun run = await _session.RunAsync("1..100 | Invoke-Concurrent -FailFast -Ordered { $_ }");

        Assert.Equal(Enumerable.Range(1, 100).Cast<object?>(), run.Output);
    }
}
