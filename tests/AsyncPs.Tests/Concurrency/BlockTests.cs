using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

public sealed class BlockTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    // The item.
    [InlineData("5 | Invoke-Concurrent { $_; $PSItem }", "5 5")]
    [InlineData("5 | Invoke-Concurrent { process { $_ } }", "5")]
    [InlineData("5 | Invoke-Concurrent { begin { 'b' } process { $_ } end { 'e' } }", "b 5 e")]
    [InlineData("5 | Invoke-Concurrent { $input }", "5")]
    [InlineData("Invoke-Concurrent { $_ * 2 } -InputObject 4", "8")]
    [InlineData("Invoke-Concurrent { $_.Count } -InputObject 1,2,3", "3")]
    [InlineData(", (1, 2, 3) | Invoke-Concurrent { $_.Count }", "3")]
    [InlineData("@() | Invoke-Concurrent { 'ran' }", "")]
    [InlineData("$null | Invoke-Concurrent { \"[$_]\" }", "[]")]
    [InlineData("Invoke-Concurrent { \"[$_]\" } -InputObject $null", "[]")]
    [InlineData("1, $null, 3 | Invoke-Concurrent -Ordered { \"[$_]\" }", "[1] [] [3]")]
    [InlineData("1 | Invoke-Concurrent { $null } | ForEach-Object { \"<$_>\" }", "<>")]
    [InlineData("1 | Invoke-Concurrent { } | ForEach-Object { 'something' }", "")]
    [InlineData("1 | Invoke-Concurrent { , (1, 2) } | ForEach-Object { $_.Count }", "2")]
    // Arguments.
    [InlineData("1 | Invoke-Concurrent { $args.Count; $args } -ArgumentList 7, 8", "2 7 8")]
    [InlineData("1 | Invoke-Concurrent { $args.Count }", "0")]
    [InlineData("1 | Invoke-Concurrent { param($a, $b) \"$_ $a $b\" } -ArgumentList 7, 8", "1 7 8")]
    [InlineData("1 | Invoke-Concurrent { param([int] $a = 3) $a }", "3")]
    [InlineData("1 | Invoke-Concurrent { param($a) process { \"$_ $a\" } } -Args 9", "1 9")]
    // Several blocks.
    [InlineData("Invoke-Concurrent { 'a' }, { 'b' }, { 'c' } -Ordered", "a b c")]
    [InlineData("Invoke-Concurrent { 'a'; $args[0] }, { 'b'; $args[0] } -Ordered -ArgumentList x", "a x b x")]
    [InlineData("Invoke-Concurrent { \"[$_]\" }", "[]")]
    [InlineData(
        "(Invoke-Concurrent (1..100 | ForEach-Object { [scriptblock]::Create(\"$_\") }) -Ordered) -join ','",
        "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,"
            + "42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64,65,66,67,68,69,70,71,72,73,74,75,76,77,78,79,"
            + "80,81,82,83,84,85,86,87,88,89,90,91,92,93,94,95,96,97,98,99,100")]
    // Values that a block reads from its caller.
    [InlineData("$x = 5; 1 | Invoke-Concurrent { $using:x }", "5")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { $USING:X; ${using:x} }", "5 5")]
    [InlineData("$x = 1, 2; 1 | Invoke-Concurrent { ($using:x).Count; $using:x }", "2 1 2")]
    [InlineData("$x = $null; 1 | Invoke-Concurrent { $null -eq $using:x }", "True")]
    [InlineData("$x = @{ a = @{ b = 'deep' } }; 1 | Invoke-Concurrent { $using:x.a.b }", "deep")]
    [InlineData("$x = @{ a = @{ b = 'deep' } }; 1 | Invoke-Concurrent { $using:x['a']['b'] }", "deep")]
    [InlineData("$x = 'p', 'q'; 1 | Invoke-Concurrent { $using:x[1]; $using:x[0] }", "q p")]
    [InlineData("$x = @{ l = @(1, 2, 3) }; 1 | Invoke-Concurrent { $using:x.l[2]; ($using:x.l).Count }", "3 3")]
    [InlineData("$x = 'text'; 1 | Invoke-Concurrent { ($using:x).ToUpperInvariant() }", "TEXT")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { & { $using:x } }", "5")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { 1 | ForEach-Object { $using:x + $_ } }", "6")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { process { $using:x } }", "5")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { \"<$using:x>\" }", "<5>")]
    [InlineData("$x = 5; 1 | Invoke-Concurrent { param($a) \"$a $using:x\" } -ArgumentList 4", "4 5")]
    [InlineData("function f { $x = 'local'; 1 | Invoke-Concurrent { $using:x } }; $x = 'outer'; f", "local")]
    [InlineData("$x = 1; Invoke-Concurrent { $using:x }, { $using:x + 1 } -Ordered", "1 2")]
    [InlineData("foreach ($x in 1..3) { 1 | Invoke-Concurrent { $using:x } }", "1 2 3")]
    // Nested calls.
    [InlineData("$x = 5; 1 | Invoke-Concurrent { $y = 6; 1 | Invoke-Concurrent { $using:y } }", "6")]
    public async Task A_block_gives(string script, string expected)
        => Assert.Equal(expected, await _session.TextAsync(script));

    [Fact]
    public async Task An_unset_using_variable_is_noticed_before_any_item_runs()
    {
        ScriptRun run = await _session.RunAsync(
            "try { 1..3 | Invoke-Concurrent { $args[0].Produce(); $using:nowhere } -ArgumentList $probe } catch { "
                + "$_.FullyQualifiedErrorId; $_.TargetObject }");

        Assert.Equal(["UsingVariableNotSet,AsyncPs.Commands.InvokeConcurrentCommand", "$using:nowhere"], run.Output);
        Assert.Equal(0, _session.Probe.Produced);
    }

    [Fact]
    public async Task An_object_is_handed_over_as_it_is()
    {
        ScriptRun run = await _session.RunAsync(
            "$o = [object]::new(); $u = [object]::new(); $r = $o | Invoke-Concurrent { $_; $using:u }; "
                + "[object]::ReferenceEquals($r[0], $o); [object]::ReferenceEquals($r[1], $u)");

        Assert.Equal([true, true], run.Output);
    }

    [Fact]
    public async Task A_variable_does_not_leak_from_item_to_item()
    {
        ScriptRun run = await _session.RunAsync(
            "1..500 | Invoke-Concurrent -ThrottleLimit 2 { \"[$mine]\"; $mine = $_; $local:other = $_ }");

        Assert.Equal(Enumerable.Repeat("[]", 500), run.Output);
    }

    [Fact]
    public async Task A_global_variable_does_not_leak_into_the_next_call()
    {
        for (int i = 0; i < 20; i++)
        {
            ScriptRun run = await _session.RunAsync(
                "1..20 | Invoke-Concurrent -ThrottleLimit 2 { $global:leak = $_ }; 1..20 | Invoke-Concurrent -ThrottleLimit 2 { "
                    + "\"[$global:leak]\" }");
            Assert.Equal(Enumerable.Repeat("[]", 20), run.Output);
        }
    }

    [Fact]
    public async Task A_variable_of_the_script_scope_does_not_leak_into_the_next_call()
    {
        ScriptRun run = await _session.RunAsync(
            "1..20 | Invoke-Concurrent -ThrottleLimit 1 { $script:leak = 1 }; 1..5 | Invoke-Concurrent { \"[$leak][$script:leak]\" }");

        Assert.Empty(run.Errors);
        Assert.Equal(Enumerable.Repeat("[][]", 5), run.Output);
    }

    [Fact]
    public async Task Blocks_without_input_run_concurrently()
    {
        ScriptRun run = await _session.RunAsync("""
            $barrier = [Threading.Barrier]::new(3)
            Invoke-Concurrent { $args[0].SignalAndWait(25000) }, { $args[0].SignalAndWait(25000) },
                { $args[0].SignalAndWait(25000) } -ArgumentList $barrier
            """);

        Assert.Equal([true, true, true], run.Output);
    }

    [Fact]
    public async Task A_block_runs_at_the_location_of_the_caller()
    {
        using TempFolder folder = new("asyncps [1]");
        _session.Set("folder", folder.Path);
        // The bare engine has no Set-Location.
        ScriptRun run = await _session.RunAsync(
            "$null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($folder)); "
                + "1 | Invoke-Concurrent { $ExecutionContext.SessionState.Path.CurrentLocation.Path }");

        Assert.Equal([folder.Path], run.Output);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$null = New-PSDrive mine FileSystem ([IO.Path]::GetTempPath()) -Scope Global; Set-Location mine:/")]
    public async Task A_location_does_not_leak_into_the_next_call(string before)
    {
        // All workers, one after the other.
        ScriptRun run = await _session.RunAsync($$"""
            {{before}}
            $expected = (Get-Location).Path
            1..20 | Invoke-Concurrent { Set-Location Variable: }
            foreach ($i in 1..20) { Invoke-Concurrent { (Get-Location).Path -eq $expected } }
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(Enumerable.Repeat<object?>(true, 20), run.Output);
    }

    [Fact]
    public async Task The_steps_of_a_block_that_is_used_again_are_the_same()
    {
        ScriptRun run = await _session.RunAsync(
            "$b = { $_ + 1 }; 1..10 | ForEach-Object { $_ | Invoke-Concurrent $b }; & { 1 | ForEach-Object $b }");

        Assert.Equal([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 2], run.Output);
    }
}
