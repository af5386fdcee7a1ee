using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Commands;

/// <summary>Tab completion of parameters that take an object of the module: variables that hold one.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Read-AsyncQueue ", "$orders")]
    [InlineData("1 | Write-AsyncQueue -Queue ", "$orders")]
    [InlineData("Use-Throttle ", "$slow")]
    [InlineData("1 | Invoke-Concurrent { $_ } -Throttle ", "$slow")]
    [InlineData("Get-AsyncCache ", "$names")]
    [InlineData("Use-AsyncPool ", "$pool")]
    [InlineData("Publish-AsyncEvent ", "$bus")]
    [InlineData("Invoke-WithRetry { } -CircuitBreaker ", "$breaker")]
    [InlineData("Invoke-Concurrent -Uri http://localhost -WebSession ", "$session")]
    [InlineData("Unregister-AsyncEvent ", "$handler")]
    public async Task Variables_of_the_type_are_offered(string typed, string expected)
    {
        const string Setup = """
            $orders = New-AsyncQueue
            $slow = New-Throttle 1
            $names = New-AsyncCache
            $pool = New-AsyncPool { 1 }
            $bus = New-AsyncEventBus
            $breaker = New-CircuitBreaker
            $session = [AsyncPs.Http.HttpSession]::new(); $handler = Register-AsyncEvent $bus orders.new { }
            """;

        Assert.Equal([expected], await CompleteAsync(typed, Setup));
    }

    [Theory]
    [InlineData("Read-AsyncStream ")]
    [InlineData("Group-AsyncBatch 10 -InputStream ")]
    [InlineData("Invoke-Concurrent { $_ } -InputStream ")]
    [InlineData("Start-Throttled { $_ } -InputStream ")]
    public async Task Queues_and_streams_are_offered_where_a_stream_is_asked_for(string typed) => Assert.Equal(
        ["$orders", "$pages", "$read"],
        await CompleteAsync(
            typed,
            "$orders = New-AsyncQueue; $pages = New-AsyncStream { 1 }; $read = Register-AsyncEvent (New-AsyncEventBus) x; "
                + "$slow = New-Throttle 1; $text = 'not this'"));

    [Fact]
    public async Task Names_of_variables_that_hold_statistics_are_offered()
        => Assert.Equal(
            ["took"],
            await CompleteAsync(
                "1 | Invoke-Concurrent { $_ } -Statistics ", "1 | Invoke-Concurrent { } -Statistics took; $text = 'not this'"));

    [Fact]
    public async Task Variables_are_offered_as_the_dictionary_that_gives_them_and_none_of_PowerShells_own()
    {
        const string Setup = "$rate = 1.19; $ratio = 2";

        Assert.Equal(["@{ rate = $rate }", "@{ ratio = $ratio }"], await CompleteAsync("Invoke-Concurrent { } -Variable rat", Setup));
        Assert.Empty(await CompleteAsync("Invoke-Concurrent { } -Variable PS", Setup));
        Assert.Empty(await CompleteAsync("Invoke-Concurrent { } -Variable Error", Setup));
    }

    [Fact]
    public async Task Members_of_the_context_are_offered_in_a_block()
        => Assert.Equal(
            ["Attempt", "CancellationToken", "Index"],
            (await CompleteAsync("1 | Invoke-Concurrent { $AsyncContext."))[..3]);

    [Fact]
    public async Task Functions_with_names_of_words_stand_before_others() => Assert.Equal(
        ["Zzz-Last", "Zzzz", "zzz."],
        await CompleteAsync("Invoke-Concurrent { } -Function zzz", "function Zzzz { }; function zzz. { }; function Zzz-Last { }"));

    [Theory]
    [InlineData("1 | Invoke-Concurrent { } -RetryCount 1 -RetryOn Time", "TimeoutException")]
    [InlineData("New-AsyncQueue -Kind P", "Priority")]
    [InlineData("New-AsyncQueue -FullMode W", "Wait")]
    [InlineData("Use-TaskGroup { } -OnError C", "Continue")]
    [InlineData("Invoke-Concurrent { } -RetryBackoff L", "Linear")]
    [InlineData("Invoke-Concurrent -Uri x -As J", "Json")]
    [InlineData("Wait-WithTimeout { } -Timeout 30", "30s")]
    public async Task Values_are_offered(string typed, string expected) => Assert.Contains(expected, await CompleteAsync(typed));

    [Fact]
    public async Task Every_duration_offers_its_forms()
    {
        string[] missing = (await CompleteAsync("", """
            $global:missing = foreach ($cmdlet in Get-Command -Module AsyncPs -CommandType Cmdlet) {
                foreach ($parameter in $cmdlet.Parameters.Values) {
                    if ($parameter.ParameterType -in [timespan], [Nullable[timespan]] -and
                        '30s' -notin [Management.Automation.CommandCompletion]::CompleteInput("$($cmdlet.Name) -$($parameter.Name) 3",
                            "$($cmdlet.Name) -$($parameter.Name) 3".Length, $null).CompletionMatches.CompletionText) {
                        "$($cmdlet.Name) -$($parameter.Name)"
                    }
                }
            }
            return $global:missing
            """));

        Assert.Empty(missing);
    }

    private async Task<string[]> CompleteAsync(string typed, string setup = "")
    {
        _session.Set("typed", typed);
        ScriptRun run = await _session.RunAsync(
            setup
                + "\n[Management.Automation.CommandCompletion]::CompleteInput($typed, $typed.Length, "
                + "$null).CompletionMatches.CompletionText");

        return [.. run.Output.Cast<string>().Where(static text => text is not null)];
    }
}
