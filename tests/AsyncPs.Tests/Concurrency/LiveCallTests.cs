using System.Runtime.CompilerServices;
using AsyncPs.Concurrency;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

public sealed class LiveCallTests : IDisposable
{
    private readonly ModuleSession _session = new();

    // Other tests have calls of their own.
    private readonly string _mark = $"mark-{Guid.NewGuid():N}";

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("1 | Invoke-Concurrent { $args[0].Pass() } -ArgumentList $probe, 'MARK'", "Invoke-Concurrent")]
    [InlineData("Start-Throttled { $args[0].Pass() } -ArgumentList $probe, 'MARK' | Receive-Job -Wait", "Start-Throttled")]
    [InlineData("(New-AsyncStream { $args[0].Pass() } -ArgumentList $probe, 'MARK') | Read-AsyncStream", "New-AsyncStream")]
    [InlineData("Wait-WithTimeout { $args[0].Pass() } -ArgumentList $probe, 'MARK' 100", "Wait-WithTimeout")]
    public async Task A_call_is_listed_as_long_as_it_lives_with_what_has_opened_it(string script, string command)
    {
        ScriptRun run = _session.Start(script.Replace("MARK", _mark, StringComparison.Ordinal));
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the block runs");

        ConcurrentCall call = Assert.Single(Own());
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Equal(command, call.Options.Source!.Command);
        Assert.Equal(1, call.Options.Source.Line);
        await Condition.UntilAsync(() => !Own().Any(), "the call is gone");
    }

    [Fact]
    public async Task A_stopped_call_is_listed_no_more()
    {
        ScriptRun run = _session.Start($"1 | Invoke-Concurrent {{ $args[0].Enter(); while (1) {{ }} }} -ArgumentList $probe, '{_mark}'");
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the block runs");
        Assert.Single(Own());

        await run.StopAsync();

        Assert.Empty(Own());
    }

    [Fact]
    public async Task Calls_come_in_the_order_in_which_they_were_opened()
    {
        ScriptRun run = _session.Start($$"""
            $p = $probe
            1 | Invoke-Concurrent { 1..2 | Invoke-Concurrent { ($using:p).Pass(); '{{_mark}}' } -ThrottleLimit 2 }
            """);
        await Condition.UntilAsync(() => _session.Probe.Running == 2, "the inner blocks run");

        IReadOnlyList<ConcurrentCall> calls = [.. Own()];
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Equal(2, calls.Count);
        Assert.True(calls[0].Id < calls[1].Id);
        Assert.Same(calls[0], Assert.IsType<WorkItem>(calls[1].Caller!.Value.Strand).Call);
    }

    [Fact]
    public void A_call_that_nobody_has_ended_or_knows_is_not_kept()
    {
        long id = Forget();

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.DoesNotContain(LiveCalls.Snapshot(), call => call.Id == id);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Forget()
    {
        var call = new ConcurrentCall(new CallOptions(CallLimits.For(1)), static _ => new NoRunner(), static _ => { });
        Assert.Contains(call, LiveCalls.Snapshot());
        return call.Id;
    }

    private IEnumerable<ConcurrentCall> Own()
        => LiveCalls.Snapshot().Where(call => call.Options.Source?.Text.Contains(_mark, StringComparison.Ordinal) == true);

    private sealed class NoRunner : IWorkRunner
    {
        public bool HasEnded => true;

        public void Added()
        {
        }

        public void Stop()
        {
        }

        public void Stop(WorkItem item)
        {
        }

        public void WaitForEnd()
        {
        }

        public void Dispose()
        {
        }
    }
}
