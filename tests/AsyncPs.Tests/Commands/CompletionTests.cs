using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Commands;

/// <summary>What Tab offers where an object of the module is asked for: the variables that hold one.</summary>
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
    public async Task Variables_of_the_type_are_offered(string typed, string expected)
    {
        _session.Set("typed", typed);
        ScriptRun run = await _session.RunAsync("""
            $orders = New-AsyncQueue; $slow = New-Throttle 1; $names = New-AsyncCache; $pool = New-AsyncPool { 1 }; $bus = New-AsyncEventBus; $breaker = New-CircuitBreaker
            [Management.Automation.CommandCompletion]::CompleteInput($typed, $typed.Length, $null).CompletionMatches.CompletionText
            """);

        Assert.Equal([expected], run.Output);
    }
}
