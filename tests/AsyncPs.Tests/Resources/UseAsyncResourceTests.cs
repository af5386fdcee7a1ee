using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Resources;

public sealed class UseAsyncResourceTests : IDisposable
{
    private const string Classes = """
        class Committable {
            [object] $To
            Committable($to) { $this.To = $to }
            [void] Commit() { $this.To.Note('commit') }
            [void] Rollback() { $this.To.Note('rollback') }
        }
        class Disposable : IDisposable {
            [object] $To
            Disposable($to) { $this.To = $to }
            [void] Dispose() { $this.To.Note('dispose') }
        }

        """;

    private readonly ModuleSession _session = new();
    private readonly TestResources _resources = new();

    public UseAsyncResourceTests() => _session.Set("r", _resources);

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Use-AsyncResource $r.Sync('a') { \"$_\"; $r.Log.Length }", "a 0", "dispose:a")]
    [InlineData("Use-AsyncResource $r.Async('a') { \"$_\" }", "a", "dispose:a")]
    [InlineData(
        "Use-AsyncResource $r.Sync('a'), $r.Async('b'), $r.Sync('c') { param($x, $y, $z) \"$x$y$z\"; $_.Count }",
        "abc 3",
        "dispose:c dispose:b dispose:a")]
    [InlineData("try { Use-AsyncResource $r.Sync('a'), $r.Sync('b') { 1; throw 'no' } } catch { \"$_\" }", "1 no", "dispose:b dispose:a")]
    [InlineData("$x = 1; Use-AsyncResource $r.Sync('a') { $x = 2 }; $x", "2", "dispose:a")]
    [InlineData("$x = 1; Use-AsyncResource $r.Sync('a') { $x = 2 } -Timeout 1h; $x", "2", "dispose:a")]
    [InlineData("function f { Use-AsyncResource $r.Sync('a') { return 1; 2 }; 3 }; f", "1 3", "dispose:a")]
    [InlineData(
        "foreach ($i in 1, 2, 3) { Use-AsyncResource $r.Sync($i) { if ($i -eq 1) { continue }; if ($i -eq 2) { break }; $i } }",
        "",
        "dispose:1 dispose:2")]
    [InlineData(
        "foreach ($i in 1, 2, 3) { Use-AsyncResource $r.Sync($i) -Timeout 1h { if ($i -eq 1) { continue }; "
            + "if ($i -eq 2) { break }; $i } }",
        "",
        "dispose:1 dispose:2")]
    [InlineData("do { Use-AsyncResource $r.Sync('a') { 1; 2 } | ForEach-Object { $_; break } } while ($false)", "1", "dispose:a")]
    [InlineData(
        "Use-AsyncResource { $r.Sync('a') }, { param($a) $r.Sync(\"b-of-$a\") } { \"$_\" }", "a b-of-a", "dispose:b-of-a dispose:a")]
    [InlineData("try { Use-AsyncResource { $r.Sync('a') }, { throw 'none' } { 'never' } } catch { \"$_\" }", "none", "dispose:a")]
    [InlineData("Use-AsyncResource $r.LaterAsync('a', [Threading.Tasks.Task]::CompletedTask) { \"$_\" }", "a", "dispose:a")]
    [InlineData("Use-AsyncResource { $r.LaterAsync('a', [Threading.Tasks.Task]::Delay(1)) } { \"$_\" }", "a", "dispose:a")]
    [InlineData(
        "Use-AsyncResource { } -ErrorAction Ignore { 'never' }; try { Use-AsyncResource { $r.Sync('a'); "
            + "$r.Sync('b') } { 'never' } } catch { $_.FullyQualifiedErrorId }",
        "NotOneResource,AsyncPs.Commands.UseAsyncResourceCommand",
        "dispose:b dispose:a")]
    [InlineData(
        "Use-AsyncResource 7 -Enter { $r.Note(\"in:$_\"); \"entered $_\" } -Exit { param($e) $r.Note(\"out:$_[$e]\"); "
            + "'dropped' } { \"$_\" }",
        "entered 7",
        "in:7 out:7[]")]
    [InlineData(
        "Use-AsyncResource 7, 8 -Enter { $r.Note(\"in:$_\") } -Exit { $r.Note(\"out:$_\") } { \"$_\" }", "7 8", "in:7 in:8 out:8 out:7")]
    [InlineData("Use-AsyncResource $r.Sync('a') -Enter { [Threading.Tasks.Task]::FromResult(5) } { \"$_\" }", "5", "dispose:a")]
    [InlineData(
        "Use-AsyncResource $r.Sync('a') -Exit { $r.Note('exit'); $r.LaterAsync('late', [Threading.Tasks.Task]::Delay(1)) } { \"$_\" }",
        "a",
        "exit")]
    [InlineData("Use-AsyncResource { $r.Sync('a') } -Exit { $r.Note('exit') } { \"$_\" }", "a", "exit")]
    [InlineData("try { Use-AsyncResource 7 -Exit { param($e) $r.Note(\"out:$e\") } { throw 'no' } } catch { \"$_\" }", "no", "out:no")]
    [InlineData(
        "try { Use-AsyncResource 7, 8 -Enter { if ($_ -eq 8) { throw 'no' } } -Exit { $r.Note(\"out:$_\") } { 'never' } } catch { "
            + "\"$_\" }",
        "no",
        "out:7")]
    [InlineData("Use-AsyncResource ([Disposable]::new($r)) { 1 }", "1", "dispose")]
    [InlineData(
        "Use-AsyncResource $r.Sync('a') { Use-AsyncResource $r.Sync('b') { 1 } -Timeout 1h } -Timeout 1h", "1", "dispose:b dispose:a")]
    public async Task A_script_gives_and_cleans_up(string script, string output, string log)
    {
        ScriptRun run = await _session.RunAsync(Classes + script);

        Assert.Equal(output, string.Join(' ', run.Output));
        Assert.Equal(log, _resources.Log);
    }

    [Theory]
    [InlineData("Use-AsyncResource $r.Connection('c') -Transaction { \"$_\" }", "c", "begin:c commit end")]
    [InlineData(
        "Use-AsyncResource $r.Connection('c', $false) -Transaction { \"$_ $($_.State)\" }",
        "c Open",
        "open:c begin:c commit end close:c")]
    [InlineData(
        "try { Use-AsyncResource $r.Connection('bad', $false) -Transaction { 'never' } } catch { \"$_\" }",
        "begin of bad failed",
        "open:bad begin:bad close:bad")]
    [InlineData("try { Use-AsyncResource $r.Connection('c') -Transaction { throw 'no' } } catch { \"$_\" }", "no", "begin:c rollback end")]
    [InlineData("Use-AsyncResource ($r.Connection('c').BeginTransaction()) -Transaction { \"$_\" }", "c", "begin:c commit end")]
    [InlineData("Use-AsyncResource $r.Transactional('t') -Transaction { \"$_\" }", "t", "begin:t:Unspecified commit:t end:t")]
    [InlineData(
        "Use-AsyncResource $r.Transactional('t') -Transaction -IsolationLevel Serializable { \"$_\" }",
        "t",
        "begin:t:Serializable commit:t end:t")]
    [InlineData("Use-AsyncResource { $r.Connection('c', $false) } -Transaction { \"$_\" }", "c", "open:c begin:c commit end close:c")]
    [InlineData("Use-AsyncResource ([Committable]::new($r)) -Transaction { \"$_\" }", "Committable", "commit")]
    [InlineData(
        "try { Use-AsyncResource ([Committable]::new($r)) -Transaction { 1 / 0; 'never' } } catch { 'caught' }", "caught", "rollback")]
    [InlineData(
        "try { Use-AsyncResource ([Committable]::new($r)) -Transaction { $ExecutionContext.InvokeCommand.InvokeScript($true, { "
            + "param($c) $c.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('e'), 'e', 0, 1)) }, $null, $PSCmdlet); "
            + "[Nowhere]::Go(); 'on' } } catch { 'caught' }",
        "caught",
        "rollback")]
    [InlineData(
        "foreach ($i in 1, 2) { Use-AsyncResource ([Committable]::new($r)) -Transaction { if ($i -eq 1) { continue }; return 5 } }",
        "5",
        "commit commit")]
    [InlineData(
        "do { Use-AsyncResource ([Committable]::new($r)) -Transaction { 1; 2 } | ForEach-Object { $_; break } } while ($false)",
        "1",
        "rollback")]
    [InlineData(
        "Use-AsyncResource $r.Transactional('a'), $r.Transactional('b') -Transaction { \"$_\" }",
        "a b",
        "begin:a:Unspecified begin:b:Unspecified commit:b end:b commit:a end:a")]
    [InlineData(
        "try { Use-AsyncResource $r.Transactional('a'), $r.Transactional('bad') -Transaction { 1 } } catch { "
            + "$_.FullyQualifiedErrorId }",
        "1 CommitFailed,AsyncPs.Commands.UseAsyncResourceCommand",
        "begin:a:Unspecified begin:bad:Unspecified commit:bad end:bad rollback:a end:a")]
    public async Task A_transaction_is_committed_or_rolled_back(string script, string output, string log)
    {
        ScriptRun run = await _session.RunAsync(Classes + script);

        Assert.Equal(output, string.Join(' ', run.Output));
        Assert.Equal(log, _resources.Log);
    }

    [Fact]
    public async Task An_error_that_the_block_writes_rolls_back_too()
    {
        // One command writes an error and continues.
        ScriptRun run = await _session.RunAsync("""
            try {
                Use-AsyncResource $r.Transactional('t') -Transaction {
                    Use-AsyncResource 7 -Exit { } { Invoke-Concurrent { throw 'inner' }; 'on' }
                }
            }
            catch { $_.FullyQualifiedErrorId; "$_" }
            """);

        Assert.Equal(
            [
                "on", "TransactionRolledBack,AsyncPs.Commands.UseAsyncResourceCommand",
                "The transaction was rolled back because its block wrote an error: inner",
            ],
            run.Output);
        Assert.Equal("begin:t:Unspecified rollback:t end:t", _resources.Log);
        Assert.Contains(run.Errors, static e => e.Exception.Message == "inner");
    }

    [Theory]
    [InlineData("", "Continue")]
    [InlineData("", "Stop")]
    [InlineData("-Timeout 1h", "Continue")]
    [InlineData("-Timeout 1h", "Stop")]
    public async Task The_error_of_the_block_is_the_one_that_ends_it_and_those_of_the_clean_up_are_written(
        string parameters, string preference)
    {
        ScriptRun run = await _session.RunAsync($$"""
            $ErrorActionPreference = '{{preference}}'
            try {
                Use-AsyncResource $r.Sync('bad1'), $r.Async('bad2'),
                    $r.Sync('good') {{parameters}} { throw [TimeoutException]::new('mine') }
            } catch [TimeoutException] { "$_" }
            """);

        Assert.Equal(["mine"], run.Output);
        Assert.Equal("dispose:good dispose:bad2 dispose:bad1", _resources.Log);
        Assert.Equal(["dispose of bad2 failed", "dispose of bad1 failed"], run.Errors.Select(static e => e.Exception.Message));
        Assert.All(
            run.Errors,
            static e => Assert.Equal("ResourceDisposeFailed,AsyncPs.Commands.UseAsyncResourceCommand", e.FullyQualifiedErrorId));
    }

    [Fact]
    public async Task Without_an_error_of_the_block_the_first_of_the_clean_up_ends_it()
    {
        ScriptRun run = await _session.RunAsync("""
            try { Use-AsyncResource $r.Sync('bad1'), $r.Sync('bad2') { 'done' } } catch [IO.IOException] { "$_"; "$($_.TargetObject)" }
            """);

        Assert.Equal(["done", "Disposing failed for the resource Synchronous: dispose of bad2 failed", "bad2"], run.Output);
        Assert.Equal("dispose of bad1 failed", Assert.Single(run.Errors).Exception.Message);
    }

    [Theory]
    [InlineData("Use-AsyncResource 5 { }", "ResourceNotDisposable")]
    [InlineData("Use-AsyncResource $r.Sync('a'), 5 { }", "ResourceNotDisposable")]
    [InlineData("Use-AsyncResource 5 -Transaction { }", "ResourceNotTransactional")]
    [InlineData("Use-AsyncResource $r.Sync('a') -Transaction { }", "ResourceNotTransactional")]
    [InlineData("Use-AsyncResource $r.Sync('a'), $null { }", "ResourceIsNull")]
    [InlineData("Use-AsyncResource $null { }", "ResourceIsNull")]
    [InlineData("Use-AsyncResource $r.Sync('a') -Transaction -Exit { } { }", "AmbiguousParameterSet")]
    [InlineData("Use-AsyncResource $r.Sync('a') { } -Timeout 0", "ParameterArgumentTransformationError")]
    public async Task Bad_arguments_fail_before_anything_starts(string script, string id)
    {
        ErrorRecord error = await _session.FailStatementAsync(script);

        Assert.Equal($"{id},AsyncPs.Commands.UseAsyncResourceCommand", error.FullyQualifiedErrorId);
        Assert.Equal("", _resources.Log);
    }

    [Theory]
    [InlineData("Use-AsyncResource $r.Sync('a'), $r.Async('b') -Timeout 20ms { while ($true) { } }", "dispose:b dispose:a")]
    [InlineData(
        "Use-AsyncResource $r.Transactional('t') -Transaction -Timeout 20ms { while ($true) { } }",
        "begin:t:Unspecified rollback:t end:t")]
    [InlineData(
        "Use-AsyncResource 7 -Timeout 20ms -Exit { param($e) $r.Note($e.Exception.GetType().Name) } { while ($true) { } }",
        "TimeoutException")]
    [InlineData(
        "Use-AsyncResource $r.Sync('a'), { [Threading.Tasks.TaskCompletionSource[object]]::new().Task } -Timeout 20ms { }", "dispose:a")]
    [InlineData("Use-AsyncResource $r.Sync('a') -Enter { while ($true) { } } -Timeout 20ms { }", "dispose:a")]
    public async Task When_its_time_is_over_the_block_is_stopped_and_cleaned_up_after(string script, string log)
    {
        ErrorRecord error = await _session.FailStatementAsync(script);

        Assert.IsType<TimeoutException>(error.Exception);
        Assert.Equal("ResourceTimeout,AsyncPs.Commands.UseAsyncResourceCommand", error.FullyQualifiedErrorId);
        Assert.Equal(log, _resources.Log);
    }

    [Theory]
    [InlineData("Use-AsyncResource $r.Sync('a'), $r.Async('b') { $probe.Enter(); while ($true) { } }", "dispose:b dispose:a")]
    [InlineData("Use-AsyncResource $r.Sync('a'), $r.Async('b') { $probe.Enter(); while ($true) { } } -Timeout 1h", "dispose:b dispose:a")]
    [InlineData(
        "Use-AsyncResource $r.Transactional('t') -Transaction { $probe.Enter(); while ($true) { } }",
        "begin:t:Unspecified rollback:t end:t")]
    [InlineData("Use-AsyncResource $r.Connection('c') -Transaction { $probe.Enter(); while ($true) { } }", "begin:c rollback end")]
    [InlineData("Use-AsyncResource ([Committable]::new($r)) -Transaction { $probe.Enter(); while ($true) { } }", "rollback")]
    [InlineData("Use-AsyncResource ([Disposable]::new($r)) { $probe.Enter(); while ($true) { } }", "dispose")]
    [InlineData(
        "Use-AsyncResource 7, 8 -Exit { foreach ($i in 1..3) { $i | ForEach-Object { $r.Note(\"$_\") } } } { $probe.Enter(); "
            + "while ($true) { } }",
        "1 2 3 1 2 3")]
    [InlineData("Use-AsyncResource $r.Sync('a'), { $probe.Enter(); while ($true) { } } { 'never' }", "dispose:a")]
    [InlineData(
        "Use-AsyncResource $r.Sync('a'), { $probe.Enter(); [Threading.Tasks.TaskCompletionSource[object]]::new().Task } { 'never' }",
        "dispose:a")]
    [InlineData("Use-AsyncResource $r.Sync('a') -Enter { $probe.Enter(); while ($true) { } } { 'never' }", "dispose:a")]
    [InlineData(
        "Use-AsyncResource $r.Sync('a'), 7, $r.Sync('b') -Exit { $r.Note(\"exit:$_\"); if ($_ -eq 7) { $probe.Enter(); "
            + "while ($true) { } } } { 1 }",
        "exit:b exit:7 exit:a")]
    [InlineData(
        "Use-AsyncResource $r.Sync('a') { Use-AsyncResource $r.Sync('b') { $probe.Enter(); "
            + "while ($true) { } } -Timeout 1h } -Timeout 1h",
        "dispose:b dispose:a")]
    [InlineData("Use-AsyncResource $r.Sync('bad'), $r.Sync('b') { $probe.Enter(); while ($true) { } }", "dispose:b dispose:bad")]
    public async Task Stopping_it_at_any_point_cleans_up(string script, string log)
    {
        ScriptRun run = _session.Start(Classes + script);
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the block runs");

        await run.StopAsync();

        Assert.Equal(log, _resources.Log);
        Assert.DoesNotContain("never", run.Output);
    }

    [Theory]
    [InlineData("-ItemTimeout 200ms", "while ($true) { }")]
    [InlineData("-Timeout 200ms", "while ($true) { }")]
    [InlineData("-Timeout 200ms", "[Threading.Thread]::Sleep(-1)")]
    public async Task In_an_item_whose_time_is_over_too(string parameters, string body)
    {
        await _session.RunAsync(
            $"try {{ 1..4 | Invoke-Concurrent {parameters} {{ Use-AsyncResource {{ $r.Make($_) }} {{ {body} }} }} }} catch {{ }}");

        // Some may not have got that far.
        await Condition.UntilAsync(() => _resources.Made == _resources.Disposed, "all that were made are disposed");
    }

    [Theory]
    [InlineData("while ($true) { }")]
    [InlineData("[Threading.Thread]::Sleep(-1)")]
    public async Task In_an_item_that_is_stopped_too(string body)
    {
        ScriptRun run = _session.Start($"1..4 | Invoke-Concurrent -ThrottleLimit 4 {{ Use-AsyncResource {{ $r.Make($_) }} {{ {body} }} }}");
        await Condition.UntilAsync(() => _resources.Made == 4, "all are made");

        await run.StopAsync();

        await Condition.UntilAsync(() => _resources.Disposed == 4, "all are disposed");
    }

    [Fact]
    public async Task Stopped_at_any_moment_nothing_is_left_and_nothing_is_cleaned_up_twice()
    {
        const string Script = """
            while ($true) {
                Use-AsyncResource { $r.Make(1) }, { $r.Make(2) } {
                    Use-AsyncResource { $r.Make(3) } -Timeout 1h { Use-AsyncResource { $r.Make(4) } { 1..3 | ForEach-Object { $_ } } }
                }
            }
            """;
        for (int i = 0; i < 25; i++)
        {
            int made = _resources.Made;
            ScriptRun run = _session.Start(Script);
            await Condition.UntilAsync(() => _resources.Made > made + i, "it runs");
            await run.StopAsync();
            Assert.Equal(_resources.Made, _resources.Disposed);
        }
    }

    [Fact]
    public async Task A_task_that_gives_nothing_is_no_resource()
        => Assert.Equal(
            "ResourceIsNull,AsyncPs.Commands.UseAsyncResourceCommand",
            (
                await _session.FailStatementAsync(
                    "Use-AsyncResource ([Threading.Tasks.Task]::FromResult[object]($null)) { }")).FullyQualifiedErrorId);

    [Fact]
    public async Task A_resource_that_comes_after_the_stop_is_disposed_when_it_comes()
    {
        var gate = new TaskCompletionSource();
        _session.Set("gate", gate.Task);
        ScriptRun run = _session.Start("Use-AsyncResource { $probe.Enter(); $r.LaterAsync('late', $gate) } { 'never' }");
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "it is being made");
        await run.StopAsync();
        Assert.Equal("", _resources.Log);

        gate.SetResult();

        await Condition.UntilAsync(() => _resources.Log == "dispose:late", "it is disposed");
    }

    [Fact]
    public async Task A_resource_that_comes_at_the_very_moment_of_the_stop_is_disposed()
    {
        for (int i = 1; i <= Stress.Times(100); i++)
        {
            var gate = new TaskCompletionSource();
            _session.Set("gate", gate.Task);
            ScriptRun run = _session.Start("Use-AsyncResource { $probe.Enter(); $r.LaterAsync('r', $gate) } { } -Timeout 1h");
            await Condition.UntilAsync(() => _session.Probe.Running == i, "it is being made");

            Task stopping = Task.Run(run.StopAsync, TestContext.Current.CancellationToken);
            gate.SetResult();
            await stopping;

            await Condition.UntilAsync(
                () => _resources.Log.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == i,
                "it is disposed");
        }
    }

    [Fact]
    public async Task Output_is_live()
    {
        ScriptRun run = _session.Start("Use-AsyncResource $r.Sync('a') { 'first'; $probe.Hold(); 'second' } -Timeout 1h");
        await Condition.UntilAsync(() => run.Records.Count == 1, "the first object is there");
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Equal(["first", "second"], run.Output);
    }
}
