using System.Management.Automation;
using System.Management.Automation.Runspaces;
using AsyncPs.Workers;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>Blocks that run once per worker.</summary>
public sealed class WorkerScriptTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Items_see_what_the_initialization_sets()
    {
        ScriptRun run = await _session.RunAsync(
            "1..20 | Invoke-Concurrent -Ordered -InitializationScript { $x = 100; function Add($n) { $x + $n } } { Add $_ }");

        Assert.Equal(Enumerable.Range(101, 20).Cast<object?>(), run.Output);
    }

    [Fact]
    public async Task Each_runs_once_a_worker()
    {
        ScriptRun run = await _session.RunAsync(
            "1..50 | Invoke-Concurrent -ThrottleLimit 1 -InitializationScript { ($using:probe).Produce() } -FinalizationScript { "
                + "($using:probe).Exit() } { $_ }");

        Assert.Equal(50, run.Output.Count);
        Assert.Equal(1, _session.Probe.Produced);
        Assert.Equal(1, _session.Probe.Ended);
    }

    [Fact]
    public async Task A_failing_initialization_is_one_clear_error()
    {
        ErrorRecord error = await _session.FailStatementAsync(
            "1..50 | Invoke-Concurrent -InitializationScript { throw 'no' } { ($using:probe).Produce() }");

        Assert.Equal("InitializationFailed,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
        Assert.Contains("-InitializationScript failed, so no item can run: no", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, _session.Probe.Produced);
    }

    [Fact]
    public async Task A_failing_finalization_is_an_error_and_the_results_are_there()
    {
        ScriptRun run = await _session.RunAsync(
            "1..5 | Invoke-Concurrent -ThrottleLimit 1 -Ordered -FinalizationScript { throw 'no' } { $_ }");

        Assert.Equal(5, run.Output.Count);
        Assert.Equal("FinalizationFailed,AsyncPs.Commands.InvokeConcurrentCommand", Assert.Single(run.Errors).FullyQualifiedErrorId);
    }

    [Fact]
    public async Task The_next_call_does_not_see_what_was_set()
    {
        await _session.RunAsync("1..5 | Invoke-Concurrent -InitializationScript { $leftBehind = 1 } { $leftBehind }");
        ScriptRun run = await _session.RunAsync("1..5 | Invoke-Concurrent { $leftBehind }");

        Assert.Equal(new object?[5], run.Output);
    }

    [Fact]
    public async Task A_worker_that_is_used_again_has_the_variables_of_a_new_one()
    {
        const string SetVariables
            = "foreach ($v in $ExecutionContext.InvokeProvider.ChildItem.Get('Variable:', $false)) { if ($null -ne $v.Value) { $v.Name } }";
        var worker = new Worker(WorkerPool.Shared, PSLanguageMode.FullLanguage, team: null);
        using Runspace opened = WorkerSession.Open(PSLanguageMode.FullLanguage, worker.Host);
        using var shell = PowerShell.Create(opened);
        string[] names = [.. shell.AddScript(SetVariables).Invoke<string>()];

        for (int i = 0; i < 3; i++)
        {
            ScriptRun run = await _session.RunAsync($"1 | Invoke-Concurrent -NoCapture {{ {SetVariables} }}");
            Assert.Empty(names.Except(run.Output.Cast<string>()));
        }
    }

    [Fact]
    public async Task A_worker_that_is_used_again_knows_the_location()
    {
        for (int i = 0; i < 3; i++)
        {
            ScriptRun run = await _session.RunAsync("1 | Invoke-Concurrent { \"$PWD\" }");
            Assert.Equal([Environment.CurrentDirectory], run.Output);
        }
    }

    [Fact]
    public async Task After_a_time_out_the_worker_is_initialized_again()
    {
        ScriptRun run = await _session.RunAsync(
            "1..4 | Invoke-Concurrent -ThrottleLimit 1 -ItemTimeout 2s -InitializationScript { $x = 7 } { if ($_ -eq 2) { while "
                + "($true) { } }; $x }");

        Assert.Equal([7, 7, 7], run.Output);
        Assert.Single(run.Errors);
    }
}
