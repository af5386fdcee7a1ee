using System.Diagnostics;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests;

/// <summary>Runs tests/*.Tests.ps1 in a child PowerShell, where it and Pester are installed.</summary>
public sealed class PesterTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private const string Run = """
        $PSStyle.OutputRendering = 'PlainText'
        $pester = Get-Module Pester -ListAvailable | Where-Object { $_.Version.Major -ge 5 } | Sort-Object Version -Descending | Select-Object -First 1
        if (-not $pester) {
            exit 200
        }
        Import-Module $pester.Path
        $configuration = New-PesterConfiguration
        $configuration.Run.Path = $env:ASYNCPS_TESTS
        $configuration.Run.PassThru = $true
        $configuration.Output.RenderMode = 'Plaintext'
        $configuration.Output.Verbosity = 'Detailed'
        $result = Invoke-Pester -Configuration $configuration
        exit ($result.Result -eq 'Passed' -and $result.PassedCount -gt 0 ? 0 : 1)
        """;

    private const int NoPester = 200;

    [Fact]
    public async Task The_Pester_tests_pass()
    {
        string? pwsh = Programs.Find("pwsh");
        Assert.SkipWhen(pwsh is null, "pwsh is not on the PATH.");

        ProcessStartInfo start = new(pwsh!, ["-NoProfile", "-NonInteractive", "-Command", Run])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASYNCPS_TESTS"] = Path.Combine(Repository.Root, "tests");
        using Process process = Process.Start(start)!;
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);

            Assert.SkipWhen(process.ExitCode == NoPester, "pwsh has no Pester 5 or later.");
            Assert.True(process.ExitCode == 0, $"Pester ended with {process.ExitCode}.\n{await output}\n{await error}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
