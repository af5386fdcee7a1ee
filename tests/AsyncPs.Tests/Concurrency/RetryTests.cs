using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>-RetryCount and its family.</summary>
public sealed class RetryTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    private const string FailsTwice =
        "$h = [hashtable]::Synchronized(@{}); 1..3 | Invoke-Concurrent -Ordered -RetryDelay 1ms -Args $h { $n = ++$args[0][\"$_\"]; "
            + "\"out $_ $n\"; if ($n -le 2) { throw \"bad $n\" } }";

    [Fact]
    public async Task What_fails_is_tried_again_and_only_the_last_attempt_is_written()
    {
        ScriptRun run = await _session.RunAsync(FailsTwice + " -RetryCount 2");

        Assert.Empty(run.Errors);
        Assert.Equal(["out 1 3", "out 2 3", "out 3 3"], run.Output);
        Assert.Empty(run.Streams.Verbose);
    }

    [Fact]
    public async Task When_it_still_fails_the_last_error_is_written()
    {
        ScriptRun run = await _session.RunAsync(FailsTwice + " -RetryCount 1");

        Assert.Equal(["out 1 2", "out 2 2", "out 3 2"], run.Output);
        Assert.Equal(["bad 2", "bad 2", "bad 2"], run.Errors.Select(static e => e.Exception.Message));
    }

    [Fact]
    public async Task Verbose_tells_of_each_retry()
    {
        ScriptRun run = await _session.RunAsync(FailsTwice + " -RetryCount 2 -Verbose");

        Assert.Equal(6, run.Streams.Verbose.Count);
    }

    [Theory]
    [InlineData("IOException", "[IO.FileNotFoundException]::new('x')", 3)]
    [InlineData("([IO.IOException])", "[IO.FileNotFoundException]::new('x')", 3)]
    [InlineData("IOException", "[InvalidOperationException]::new('x')", 1)]
    [InlineData("{ $_.Exception.Message -eq 'x' }", "[InvalidOperationException]::new('x')", 3)]
    [InlineData("{ $_.Exception.Message -eq 'y' }", "[InvalidOperationException]::new('x')", 1)]
    [InlineData("{ throw 'filter' }", "[InvalidOperationException]::new('x')", 1)]
    public async Task Only_what_RetryOn_names_is_tried_again(string filter, string exception, int attempts)
    {
        ScriptRun thrown = await _session.RunAsync(
            $"1 | Invoke-Concurrent -AsResult -RetryCount 2 -RetryDelay 1ms -RetryOn {filter} {{ throw {exception} }} | ForEach-Object "
                + "Attempt");
        ScriptRun awaited = await _session.RunAsync(
            $"1 | Invoke-Concurrent -AsResult -RetryCount 2 -RetryDelay 1ms -RetryOn {filter} {{ "
                + $"[Threading.Tasks.Task]::FromException({exception}) }} | ForEach-Object Attempt");

        Assert.Equal([attempts], thrown.Output);
        Assert.Equal([attempts], awaited.Output);
    }

    [Fact]
    public async Task An_item_that_waits_for_its_retry_holds_no_worker()
    {
        ScriptRun run = await _session.RunAsync("""
            $h = [hashtable]::Synchronized(@{})
            1..100 |
                Invoke-Concurrent -ThrottleLimit 100 -RetryCount 1 -RetryDelay 100ms -Args $h {
                    if (++$args[0]["$_"] -eq 1) { throw 'first' }; [Threading.Thread]::CurrentThread.ManagedThreadId
                }
            """);

        Assert.Equal(100, run.Output.Count);
        Assert.InRange(run.Output.Distinct().Count(), 1, 16);
    }

    [Fact]
    public async Task The_time_of_an_item_ends_its_retries()
    {
        ScriptRun run = await _session.RunAsync(
            "1..2 | Invoke-Concurrent -AsResult -ItemTimeout 50ms -RetryCount 5 -RetryDelay 100s { throw 'x' } | ForEach-Object { "
                + "\"$($_.Status)\" }");

        Assert.Equal(["TimedOut", "TimedOut"], run.Output);
    }

    [Fact]
    public async Task Stopping_ends_the_waiting()
    {
        for (int i = 0; i < 20; i++)
        {
            Probe probe = _session.NewProbe();
            ScriptRun run = _session.Start(
                "1..4 | Invoke-Concurrent -RetryCount 5 -RetryDelay 100s -Args $probe { $args[0].Produce(); throw 'x' }");
            await Condition.UntilAsync(() => probe.Produced == 4, "all have failed once");

            await run.StopAsync();
        }
    }

    [Fact]
    public async Task The_others_of_the_family_need_the_count()
    {
        ErrorRecord error = await _session.FailStatementAsync("1 | Invoke-Concurrent -RetryDelay 1 { 1 }");

        Assert.Equal("ParameterNeedsAnother,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
    }
}
