using System.Globalization;
using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Commands;

/// <summary>The forms of a duration as an argument, and the errors for others.</summary>
public sealed class DurationTests : IDisposable
{
    private const string Function = """
        function Get-Duration {
            param(
                [AsyncPs.Commands.Parameters.Duration()] [TimeSpan] $Timeout,
                [AsyncPs.Commands.Parameters.Duration(AllowInfinite = $false, AllowZero = $false)] [TimeSpan] $Delay
            )
            if ($null -ne $Timeout) { $Timeout }
        }

        """;

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("30", "00:00:30")]
    [InlineData("0", "00:00:00")]
    [InlineData("1.5", "00:00:01.5")]
    [InlineData("'0.25'", "00:00:00.25")]
    [InlineData("500ms", "00:00:00.5")]
    [InlineData("30s", "00:00:30")]
    [InlineData("2m", "00:02:00")]
    [InlineData("1h", "01:00:00")]
    [InlineData("1d", "1.00:00:00")]
    [InlineData("'1d'", "1.00:00:00")]
    [InlineData("1h30m", "01:30:00")]
    [InlineData("'5m 3s'", "00:05:03")]
    [InlineData("00:01:00", "00:01:00")]
    [InlineData("([TimeSpan]::FromMinutes(3))", "00:03:00")]
    [InlineData("-1", "-00:00:00.001")]
    [InlineData("Infinite", "-00:00:00.001")]
    [InlineData("([Threading.Timeout]::InfiniteTimeSpan)", "-00:00:00.001")]
    public async Task A_duration_is_read(string argument, string expected)
    {
        ScriptRun run = await _session.RunAsync($"{Function}Get-Duration -Timeout {argument}");

        Assert.Equal(TimeSpan.Parse(expected, CultureInfo.InvariantCulture), Assert.Single(run.Output));
    }

    [Theory]
    [InlineData("-Timeout soon", "Timeout", "'soon' is not a duration")]
    [InlineData("-Timeout 5x", "Timeout", "'5x' is not a duration")]
    [InlineData("-Timeout $null", "Timeout", "$null is not a duration")]
    [InlineData("-Timeout $true", "Timeout", "'True' is not a duration")]
    [InlineData("-Timeout (Get-Date)", "Timeout", "is not a duration")]
    [InlineData("-Timeout -5", "Timeout", "must not be negative")]
    [InlineData("-Timeout 50d", "Timeout", "longer than 49 days")]
    [InlineData("-Timeout 1e30", "Timeout", "longer than 49 days")]
    [InlineData("-Delay 0", "Delay", "must be longer than zero")]
    [InlineData("-Delay Infinite", "Delay", "must be longer than zero")]
    public async Task Anything_else_is_refused_by_name_and_with_the_remedy(string arguments, string parameter, string message)
    {
        ErrorRecord error = await _session.FailAsync(
            $"$ErrorActionPreference = 'Stop'; function Get-Date {{ [DateTime]::Now }}; {Function}Get-Duration {arguments}");

        Assert.Contains($"'{parameter}'", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_show_durations_as_they_are_written_in_every_culture()
    {
        ErrorRecord error = await _session.FailAsync(
            "$ErrorActionPreference = 'Stop'; [Threading.Thread]::CurrentThread.CurrentCulture = 'de-DE'; "
                + "New-CircuitBreaker -BreakTime 0.2505");

        Assert.StartsWith("-BreakTime is 250.5 ms. Use a time from 500 ms to 86400 s.", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completion_offers_units_for_the_number_typed()
    {
        ScriptRun run = await _session.RunAsync(
            "([AsyncPs.Commands.Parameters.DurationCompleter]::new().CompleteArgument('', '', '15', $null, $null)).CompletionText");

        Assert.Equal(["15ms", "15s", "15m", "15h", "15d"], run.Output);
    }
}
