using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>Tasks and asynchronous streams that a block writes are awaited outside the worker.</summary>
public sealed class AwaitTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("[Threading.Tasks.Task]::FromResult('x')", "x")]
    [InlineData("[Threading.Tasks.ValueTask[string]]::new('x')", "x")]
    [InlineData("[Threading.Tasks.ValueTask[string]]::new([Threading.Tasks.Task]::FromResult('x'))", "x")]
    [InlineData("[AsyncPs.Tests.Support.Tasks]::Later('x')", "x")]
    [InlineData("[Threading.Tasks.Task]::FromResult([Threading.Tasks.Task]::FromResult('x'))", "x")]
    [InlineData("[AsyncPs.Tests.Support.Tasks]::Stream('a', 'b', 'c')", "a b c")]
    [InlineData("[Threading.Tasks.Task]::CompletedTask; 'after'", "after")]
    [InlineData("[Threading.Tasks.Task]::Delay(5); 'after'", "after")]
    [InlineData("[Threading.Tasks.ValueTask]::CompletedTask; 'after'", "after")]
    [InlineData("'before'; [AsyncPs.Tests.Support.Tasks]::Later('x'); 'after'", "before x after")]
    [InlineData("[AsyncPs.Tests.Support.Tasks]::Later('x'); [AsyncPs.Tests.Support.Tasks]::Later('y'); 1..200", "x y *")]
    [InlineData("[AsyncPs.Tests.Support.Tasks]::LaterMany('x', 'y')", "x y")]
    [InlineData("$t = [AsyncPs.Tests.Support.Tasks]::Later('x'); $t; $t", "x x")]
    public async Task The_result_takes_the_place_of_the_task(string body, string expected)
    {
        ScriptRun run = await _session.RunAsync($"1 | Invoke-Concurrent {{ {body} }}");

        Assert.Empty(run.Errors);
        string[] wanted = expected.Split(' ').TakeWhile(static w => w != "*").ToArray();
        Assert.Equal(wanted, run.Output.Take(wanted.Length));
        Assert.Equal(expected.EndsWith('*') ? 202 : wanted.Length, run.Output.Count);
    }

    [Fact]
    public async Task A_fault_is_an_error_with_the_real_exception_and_the_block_goes_on()
    {
        ScriptRun run = await _session.RunAsync(
            "5 | Invoke-Concurrent { [Threading.Tasks.Task]::FromException([IO.IOException]::new('broken')); 'next' }");

        ErrorRecord error = Assert.Single(run.Errors);
        Assert.IsType<IOException>(error.Exception);
        Assert.Equal(5, error.Target());
        Assert.Equal(["next"], run.Output);
    }

    [Fact]
    public async Task A_canceled_task_is_a_canceled_item()
    {
        ScriptRun run = await _session.RunAsync(
            "1 | Invoke-Concurrent -AsResult { [Threading.Tasks.Task]::FromCanceled([Threading.CancellationToken]::new($true)) } | "
                + "ForEach-Object { \"$($_.Status) $($_.Error.Count)\" }");

        Assert.Equal(["Canceled 1"], run.Output);
    }

    [Fact]
    public async Task NoAwait_passes_tasks_through()
    {
        ScriptRun run = await _session.RunAsync("1 | Invoke-Concurrent -NoAwait { [Threading.Tasks.Task]::FromResult(3) }");

        Assert.Equal(3, await Assert.IsType<Task<int>>(Assert.Single(run.Output)));
    }

    [Fact]
    public async Task What_is_awaited_takes_no_worker_but_counts_for_the_limit()
    {
        int before = Counters.WorkerThreads;
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start("1..2000 | Invoke-Concurrent -ThrottleLimit 1000 -Args $probe { $args[0].EnterAsync() }");

        await Condition.UntilAsync(() => probe.Running == 1000, "a thousand items are in flight");
        Assert.InRange(Counters.WorkerThreads - before, int.MinValue, 4);
        probe.Open();
        await run.EndAsync();

        Assert.Equal(1000, probe.Highest);
        Assert.Equal(2000, probe.Ended);
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_what_is_awaited()
    {
        for (int i = 0; i < 50; i++)
        {
            Probe probe = _session.NewProbe();
            ScriptRun run = _session.Start("1..200 | Invoke-Concurrent -ThrottleLimit 100 -Args $probe { $args[0].EnterAsync() }");
            await Condition.UntilAsync(() => probe.Running == 100, "the items are in flight");

            await run.StopAsync();
        }
    }

    [Fact]
    public async Task Tasks_end_in_any_order_and_the_end_of_the_call_ends_waiting_for_the_rest()
    {
        TaskCompletionSource<string>[] sources = [.. Enumerable.Range(0, 300).Select(static _ => new TaskCompletionSource<string>())];
        _session.Set("sources", sources);
        ScriptRun run = _session.Start("0..299 | Invoke-Concurrent -FailFast -ThrottleLimit 300 { 'begun'; $sources[$_].Task }");
        await Condition.UntilAsync(() => run.Records.Count == 300, "all items wait");

        TaskCompletionSource<string>[] ending = [.. sources.Where(static (_, i) => i % 3 != 0)];
        new Random(1).Shuffle(ending);
        Array.ForEach(ending, static source => source.SetResult("ended"));
        await Condition.UntilAsync(() => run.Records.Count == 500, "two thirds have ended");
        sources[150].SetException(new IOException("broken"));

        await run.EndAsync();
        Assert.Equal("FailFast,AsyncPs.Commands.InvokeConcurrentCommand", Assert.Single(run.Errors).FullyQualifiedErrorId);
        Assert.Equal(200, run.Output.Count(static o => o is "ended"));
    }

    [Fact]
    public async Task A_stream_is_read_only_as_fast_as_it_is_taken()
    {
        ScriptRun run = await _session.RunAsync(
            "do { 1 | Invoke-Concurrent { [AsyncPs.Tests.Support.Tasks]::Endless() } | ForEach-Object { $_; "
                + "if ($_ -eq 10) { break } } } while ($false)");

        Assert.Equal(Enumerable.Range(1, 10).Cast<object?>(), run.Output);
    }

    [Fact]
    public async Task Results_keep_input_order_with_Ordered()
    {
        ScriptRun run = await _session.RunAsync(
            "1..300 | Invoke-Concurrent -Ordered -ThrottleLimit 100 { [AsyncPs.Tests.Support.Tasks]::Later($_) }");

        Assert.Equal(Enumerable.Range(1, 300).Cast<object?>(), run.Output);
    }
}
