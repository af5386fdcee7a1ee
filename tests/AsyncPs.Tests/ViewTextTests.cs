using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests;

/// <summary>How views write values.</summary>
public sealed class ViewTextTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("$null", "")]
    [InlineData("[timespan]::FromMilliseconds(8.74)", "0.0087 s")]
    [InlineData("[timespan]::FromSeconds(30)", "30 s")]
    [InlineData("[timespan]::FromSeconds(90)", "1 min 30 s")]
    [InlineData("[timespan]::FromMinutes(5)", "5 min")]
    [InlineData("[timespan]'3.02:01:00'", "3 d 2 h")]
    [InlineData("[timespan]::FromHours(25)", "1 d 1 h")]
    [InlineData("[Threading.Timeout]::InfiniteTimeSpan", "Infinite")]
    [InlineData("\"one`n  two\"", "one two")]
    [InlineData("1, 'two', $null", "1, two, ")]
    [InlineData("[ordered] @{ a = 1; b = 2, 3 }", "@{a=1; b=2, 3}")]
    [InlineData("[pscustomobject] @{ a = 1 }", "@{a=1}")]
    [InlineData(", @([pscustomobject] @{ a = 1 })", "@{a=1}")]
    public async Task Values_are_one_line(string value, string expected)
    {
        ScriptRun run = await _session.RunAsync($"[AsyncPs.ViewText]::Of(({value}))");

        Assert.Equal([expected], run.Output);
    }

    [Fact]
    public async Task A_long_value_and_a_large_collection_are_cut()
    {
        ScriptRun run = await _session.RunAsync(
            "[AsyncPs.ViewText]::Of('x' * 5000).Length; [AsyncPs.ViewText]::Of(@(1..1000000)).Length -le 1001");

        Assert.Equal([1001, true], run.Output);
    }

    [Fact]
    public async Task A_collection_that_contains_itself_ends()
    {
        ScriptRun run = await _session.RunAsync(
            "$list = [Collections.Generic.List[object]]::new(); $list.Add($list); [AsyncPs.ViewText]::Of($list).Length -lt 1100");

        Assert.Equal([true], run.Output);
    }
}
