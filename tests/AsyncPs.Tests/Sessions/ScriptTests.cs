using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Sessions;

/// <summary>
/// Scripts and commands of a PowerShell process: exit codes and standard streams follow the language's rules, regardless of work on
/// workers.
/// </summary>
public sealed class ScriptTests
{
    private const string Fails = "1 | Invoke-Concurrent { throw 'no' }";

    [Theory]
    [InlineData(Fails, 1)]
    [InlineData(Fails + "; 'goes on'", 0)]
    [InlineData(Fails + " -ErrorAction Stop; 'never'", 1)]
    [InlineData("1 | Invoke-Concurrent { exit 7 }", 0)]
    [InlineData("1 | Invoke-Concurrent { $_ }; exit 7", 7)]
    [InlineData("Start-Throttled { 1 } | Receive-Job -Wait -AutoRemoveJob; exit 7", 7)]
    public async Task The_exit_code_of_a_command(string command, int expected)
    {
        ChildResult result = await ChildProcess.RunPowerShellAsync("-Command", command);

        Assert.Equal(expected, result.ExitCode);
        Assert.DoesNotContain("never", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Fails, 0)]
    [InlineData(Fails + " -ErrorAction Stop; 'never'", 1)]
    [InlineData("$ErrorActionPreference = 'Stop'; Use-TaskGroup { Start-Throttled { throw 'no' } }; 'never'", 1)]
    [InlineData("1 | Invoke-Concurrent { $_ }; exit 7", 7)]
    public async Task The_exit_code_of_a_file(string text, int expected)
    {
        using ScriptFile script = new(text);

        ChildResult result = await ChildProcess.RunPowerShellAsync("-File", script.Path);

        Assert.Equal(expected, result.ExitCode);
    }

    [Fact]
    public async Task What_items_write_goes_where_the_script_would_write_it()
    {
        using ScriptFile script = new(
            "1 | Invoke-Concurrent { 'out'; Write-Error 'err'; Write-Warning 'w'; Write-Host 'h'; sh -c 'echo program' }");

        ChildResult result = await ChildProcess.RunPowerShellAsync("-File", script.Path);

        Assert.Equal("out\nWARNING: w\nh\nprogram\n", result.Output);
        Assert.Contains("err", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_in_a_block_reads_no_input_of_the_process()
    {
        using ChildProcess process = ChildProcess.StartPowerShell(
            ["-Command", "'a', 'b' | Invoke-Concurrent { $_ | cat } -Ordered; 'end'"],
            "of the process\n");

        Assert.Equal("a\nb\nend\n", (await process.ExitAsync()).Output);
    }
}
