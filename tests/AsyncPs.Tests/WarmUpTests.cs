using System.Globalization;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests;

public sealed class WarmUpTests
{
    [Fact]
    public async Task A_first_call_finds_most_of_what_it_runs_compiled()
    {
        ChildResult result = await ChildProcess.RunPowerShellAsync("-Command", """
            Import-Module AsyncPs
            $warmUp = [AsyncPs.Commands.InvokeConcurrentCommand].Assembly.GetType('AsyncPs.WarmUp').GetMethod('Run',
                [Reflection.BindingFlags]'NonPublic, Static')
            $null = $warmUp.Invoke($null, @())
            $before = [Runtime.JitInfo]::GetCompiledMethodCount($false)
            $null = 1 | Invoke-Concurrent { $_ }
            [Runtime.JitInfo]::GetCompiledMethodCount($false) - $before
            """);

        // Some 220, nearly all of PowerShell; without, some 550.
        Assert.InRange(int.Parse(result.Output, CultureInfo.InvariantCulture), 1, 400);
    }
}
