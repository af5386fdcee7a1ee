using AsyncPs.Pooling;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Pooling;

public sealed class PoolCommandTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData(
        "$p = New-AsyncPool { [IO.MemoryStream]::new() }; Use-AsyncPool $p { $_.GetType().Name }; $p.Idle; $p.InUse",
        "MemoryStream 1 0")]
    [InlineData("$x = 1; $p = New-AsyncPool { [Text.StringBuilder]::new(\"a$x\") }; $x = 2; Use-AsyncPool $p { \"$_\"; $x++ }; $x", "a1 3")]
    [InlineData("$p = New-AsyncPool { , (1, 2) }; Use-AsyncPool $p { $_.Count }", "2")]
    [InlineData(
        "$p = New-AsyncPool { [AsyncPs.Tests.Support.Tasks]::Later([Text.StringBuilder]::new('x')) }; Use-AsyncPool $p { \"$_\" }",
        "x")]
    [InlineData(
        "$p = New-AsyncPool { [Text.StringBuilder]::new() }; 1..3 | ForEach-Object { $n = $_; "
            + "Use-AsyncPool $p { $null = $_.Append($n) } }; Use-AsyncPool $p { \"$_\" }; $p.Created",
        "123 1")]
    [InlineData(
        "$p = New-AsyncPool { [Text.StringBuilder]::new('a') } -Reset { $null = $_.Clear() }; Use-AsyncPool $p { \"[$_]\" }; "
            + "Use-AsyncPool $p { \"[$_]\" }",
        "[a] []")]
    [InlineData(
        "$p = New-AsyncPool { [Text.StringBuilder]::new('a') } -Validate { $_.Length -lt 2 }; "
            + "Use-AsyncPool $p { $null = $_.Append('b') }; Use-AsyncPool $p { \"$_\" }; $p.Destroyed",
        "a 1")]
    [InlineData(
        "$p = New-AsyncPool { [Text.StringBuilder]::new('a') }; try { Use-AsyncPool $p { throw 'no' } } catch { \"$_\" }; $p.Count; "
            + "$p.Destroyed",
        "no 0 1")]
    [InlineData(
        "$p = New-AsyncPool { [Text.StringBuilder]::new('a') } -Validate { $true }; try { Use-AsyncPool $p { throw 'no' } } catch { "
            + "\"$_\" }; $p.Idle",
        "no 1")]
    [InlineData(
        "$p = New-AsyncPool { [Text.StringBuilder]::new('a') }; foreach ($i in 1, 2) { Use-AsyncPool $p { if ($i -eq 1) { continue }; "
            + "$i } }; $p.Idle",
        "2 1")]
    [InlineData(
        "$p = New-AsyncPool { [Text.StringBuilder]::new('a') }; Use-AsyncPool $p { $p.Discard($_) }; $p.Count; $p.Destroyed",
        "0 1")]
    [InlineData(
        "$p = New-AsyncPool { [IO.MemoryStream]::new() }; $s = Use-AsyncPool $p { , $_ }; $p.Dispose(); $s.CanRead; "
            + "try { Use-AsyncPool $p { 1 } } catch { $_.FullyQualifiedErrorId }",
        "False PoolDisposed,AsyncPs.Commands.UseAsyncPoolCommand")]
    [InlineData("$p = New-AsyncPool { [pscustomobject] @{ A = 1 } }; Use-AsyncPool $p { $_.A = 5 }; Use-AsyncPool $p { $_.A }", "5")]
    [InlineData(
        "$p = New-AsyncPool { [Text.StringBuilder]::new() } -MaxSize 1; Use-AsyncPool $p { try { Use-AsyncPool $p { 1 } -Timeout 10ms } "
            + "catch { $_.FullyQualifiedErrorId } }; Use-AsyncPool $p { 'now' } -Timeout 0",
        "PoolTimeout,AsyncPs.Commands.UseAsyncPoolCommand now")]
    public async Task A_block_gets_an_object_and_gives_it_back(string script, string expected)
        => Assert.Equal(expected, await _session.TextAsync(script));

    [Theory]
    [InlineData("New-AsyncPool { 1 } -MinSize 3 -MaxSize 2", "PoolMinSizeTooLarge,AsyncPs.Commands.NewAsyncPoolCommand")]
    [InlineData("New-AsyncPool { 1 } -MaxSize 0", "ParameterArgumentValidationError,AsyncPs.Commands.NewAsyncPoolCommand")]
    [InlineData("New-AsyncPool { $using:none }", "UsingVariableNotSet,AsyncPs.Commands.NewAsyncPoolCommand")]
    [InlineData("$p = New-AsyncPool { 1; 2 }; Use-AsyncPool $p { $_ }", "PoolCreateFailed,AsyncPs.Commands.UseAsyncPoolCommand")]
    [InlineData("$p = New-AsyncPool { }; Use-AsyncPool $p { $_ }", "PoolCreateFailed,AsyncPs.Commands.UseAsyncPoolCommand")]
    [InlineData("$p = New-AsyncPool { throw 'no server' }; Use-AsyncPool $p { $_ }", "no server,AsyncPs.Commands.UseAsyncPoolCommand")]
    [InlineData(
        "$p = New-AsyncPool { [Net.Sockets.TcpClient]::new('127.0.0.1', 1) }; Use-AsyncPool $p { $_ }",
        "SocketException,AsyncPs.Commands.UseAsyncPoolCommand")]
    public async Task Errors_say_what_is_wrong(string script, string id)
        => Assert.Equal(id, (await _session.FailStatementAsync(script)).FullyQualifiedErrorId);

    [Fact]
    public async Task Items_share_few_objects()
    {
        ScriptRun run = await _session.RunAsync("""
            $p = New-AsyncPool { [Text.StringBuilder]::new() } -MaxSize 3
            1..60 | Invoke-Concurrent -ThrottleLimit 12 -ArgumentList $p, $probe {
                param($p, $probe)
                $n = $_
                Use-AsyncPool $p { $probe.Enter(); $null = $_.Append("$n "); $probe.Exit() }
            }
            $p.Created
            1..$p.Idle | ForEach-Object { Use-AsyncPool $p { $p.Discard($_); "$_".Trim() -split ' ' } } | ForEach-Object { [int] $_ }
            """);

        Assert.Empty(run.Errors);
        Assert.InRange(_session.Probe.Highest, 1, 3);
        Assert.InRange((long)run.Output[0]!, 1, 3);
        Assert.Equal(Enumerable.Range(1, 60).Cast<object?>(), run.Output.Skip(1).Order());
    }

    [Theory]
    [InlineData("$_ | ForEach-Object { $probe.Enter(); while ($true) { } }")]
    [InlineData("$probe.Enter(); [Threading.Thread]::Sleep(-1)")]
    public async Task Stopping_gives_the_object_back_and_it_is_replaced(string body)
    {
        await _session.RunAsync("$global:p = New-AsyncPool { [IO.MemoryStream]::new() } -MaxSize 1");
        var pool = (AsyncPool)(await _session.RunAsync("$p")).Output[0]!;
        ScriptRun run = _session.Start(
            $"1 | Invoke-Concurrent {{ Use-AsyncPool $p {{ {body} }} }} -Variable @{{ p = $p; probe = $probe }}");
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the block runs");

        await run.StopAsync();

        await Condition.UntilAsync(() => pool is { InUse: 0, Count: 0 }, "the object is disposed");
        Assert.Equal(["MemoryStream"], (await _session.RunAsync("Use-AsyncPool $p { $_.GetType().Name } -Timeout 30")).Output);
    }

    [Fact]
    public async Task Stopping_who_waits_for_an_object_that_is_being_made_leaves_nothing()
    {
        await _session.RunAsync(
            "$global:p = New-AsyncPool { $probe.Enter(); try { while ($true) { } } finally { $probe.Exit() } } -MaxSize 1");
        var pool = (AsyncPool)(await _session.RunAsync("$p")).Output[0]!;
        ScriptRun run = _session.Start("Use-AsyncPool $p { 'never' }");
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the block runs");

        await run.StopAsync();

        await Condition.UntilAsync(() => pool is { InUse: 0, Count: 0 } && _session.Probe.Ended == 1, "nothing is being made");
        Assert.Empty(run.Output);
    }
}
