using System.Globalization;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests;

public sealed class WarmUpTests
{
    [Fact]
    public async Task A_first_call_finds_most_of_what_it_runs_compiled()
    {
        const string Script = """
            Import-Module AsyncPs
            $warmUp = [AsyncPs.Commands.InvokeConcurrentCommand].Assembly.GetType('AsyncPs.WarmUp').GetMethod('Run',
                [Reflection.BindingFlags]'NonPublic, Static')
            $null = $warmUp.Invoke($null, @())
            # The worker that waits for the first call compiles, too, until its pipeline runs.
            while ((Get-Runspace | Where-Object Name -like 'AsyncPs*').RunspaceAvailability -ne 'Busy') { Start-Sleep -Milliseconds 10 }
            $before = [Runtime.JitInfo]::GetCompiledMethodCount($false)
            $null = 1 | Invoke-Concurrent { $_ }
            [Runtime.JitInfo]::GetCompiledMethodCount($false) - $before
            """;

        // Without tiers, no method is compiled a second time in the background and counted again.
        using ChildProcess process = ChildProcess.StartPowerShell(["-Command", Script], environment: ("DOTNET_TieredCompilation", "0"));
        ChildResult result = await process.ExitAsync();

        // Some 40 to 80, nearly all of PowerShell; without, about a thousand.
        Assert.InRange(int.Parse(result.Output, CultureInfo.InvariantCulture), 1, 250);
    }
}
