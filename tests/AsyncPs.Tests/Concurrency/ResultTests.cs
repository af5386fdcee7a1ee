using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>-AsResult: one result per item in any case.</summary>
public sealed class ResultTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Each_item_gives_one_result_and_nothing_goes_to_the_error_stream()
    {
        ScriptRun run = await _session.RunAsync("""
            1..50 | Invoke-Concurrent -AsResult {
                if ($_ % 5 -eq 0) { 'before'; throw "bad $_" }
                if ($_ % 7 -eq 0) { [int]::Parse('x') }
                $_; $_ * 2
            } | ForEach-Object {
                "$($_.Index) $($_.Input) $($_.Status) $($_.Output -join ',') $($_.Error.Count) $($_.Attempt) $($_.Duration -gt 0)"
            }
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(
            Enumerable.Range(1, 50).Select(static i => i % 5 == 0 ? $"{i - 1} {i} Failed before 1 1 True"
                : i % 7 == 0 ? $"{i - 1} {i} Failed {i},{i * 2} 1 1 True"
                : $"{i - 1} {i} Succeeded {i},{i * 2} 0 1 True").Order(),
            run.Output.Cast<string>().Order());
    }

    [Fact]
    public async Task Results_come_in_input_order_with_Ordered()
    {
        ScriptRun run = await _session.RunAsync(
            "1..500 | Invoke-Concurrent -AsResult -Ordered -ThrottleLimit 4 { $_ } | ForEach-Object Index");

        Assert.Equal(Enumerable.Range(0, 500).Select(static i => (object?)(long)i), run.Output);
    }

    [Fact]
    public async Task The_errors_of_a_result_keep_their_id_position_and_target()
    {
        ScriptRun run = await _session.RunAsync(
            "$r = 7 | Invoke-Concurrent -AsResult {\n\nthrow 'bad' }; $r.Error[0]; $r.Error[0].InvocationInfo.ScriptLineNumber; "
                + "$r.Error[0].TargetObject");

        Assert.Equal("bad", Assert.IsType<ErrorRecord>(run.Output[0]).FullyQualifiedErrorId);
        Assert.Equal([3, 7], run.Output.Skip(1));
    }

    [Fact]
    public async Task The_context_of_an_item_has_its_index_attempt_and_token()
    {
        ScriptRun run = await _session.RunAsync(
            "'a', 'b' | Invoke-Concurrent -Ordered { \"$_ $($AsyncContext.Index) $($AsyncContext.Attempt) "
                + "$($AsyncContext.CancellationToken.CanBeCanceled)\" }");

        Assert.Equal(["a 0 1 True", "b 1 1 True"], run.Output);
    }
}
