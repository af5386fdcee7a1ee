using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Telemetry;

/// <summary>The tool dotnet-counters, from outside.</summary>
public sealed class CountersToolTests : IDisposable
{
    private static readonly string Tool = typeof(CountersToolTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static metadata => metadata.Key == "dotnet-counters.dll").Value!;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_shows_the_figures_of_a_process()
    {
        Assert.SkipUnless(File.Exists(Tool), $"dotnet-counters of the tool manifest was not restored: there is no {Tool}.");
        string pidFile = Path.Combine(_folder.Path, "pid");
        string stopFile = Path.Combine(_folder.Path, "stop");
        string figures = Path.Combine(_folder.Path, "figures.csv");
        using ChildProcess child = ChildProcess.StartPowerShell(
            ["-NoProfile", "-Command", $$"""
                Import-Module '{{BuiltModule.Manifest}}'
                $q = New-AsyncQueue -Name Orders
                1..3 | Write-AsyncQueue $q
                1..3 | Invoke-Concurrent { $_ } | Out-Null
                1..2 | Invoke-Concurrent -ThrottleLimit 2 {
                    if ($_ -eq 1) { Set-Content '{{pidFile}}.new' $PID; Move-Item '{{pidFile}}.new' '{{pidFile}}' }
                    while (-not (Test-Path '{{stopFile}}')) { Start-Sleep -Milliseconds 50 }
                }
                """]);
        await Condition.UntilAsync(() => File.Exists(pidFile), "the block runs in the child", TimeSpan.FromMinutes(2));
        string pid = (await File.ReadAllTextAsync(pidFile, TestContext.Current.CancellationToken)).Trim();
        try
        {
            // It looks for some seconds. On a busy machine that may be too short.
            for (int run = 0; run < 10 && !Has(figures, "asyncps.items.in_flight"); run++)
            {
                await CollectAsync(pid, figures);
            }
        }
        finally
        {
            await File.WriteAllTextAsync(stopFile, "", CancellationToken.None);
        }

        Assert.Equal(2, Latest(figures, "asyncps.items.in_flight", "Invoke-Concurrent"));
        Assert.Equal(3, Latest(figures, "asyncps.queue.depth", "Orders"));
        Assert.True(Latest(figures, "asyncps.workers", "Invoke-Concurrent") >= 2);
    }

    private static async Task CollectAsync(string pid, string file)
    {
        string[] arguments =
        [
            "--roll-forward", "Major", Tool, "collect", "--process-id", pid, "--counters", "AsyncPs", "--refresh-interval", "1",
            "--format", "csv", "--output", file, "--duration", "00:00:00:04",
        ];
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using Process process = Process.Start(start)!;
        using CancellationTokenSource time = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        time.CancelAfter(TimeSpan.FromMinutes(1));
        try
        {
            await Task.WhenAll(process.StandardOutput.ReadToEndAsync(time.Token), process.StandardError.ReadToEndAsync(time.Token));
            await process.WaitForExitAsync(time.Token);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static bool Has(string file, string figure)
        => File.Exists(file) && File.ReadAllText(file).Contains(figure, StringComparison.Ordinal);

    // Lines such as: 11/30/2026 14:00:00,AsyncPs,asyncps.items.in_flight ({item})[asyncps.command=Invoke-Concurrent],Metric,2
    private static double Latest(string file, string figure, string tag)
    {
        string line = File.ReadLines(file).Last(
            line => line.Contains(figure, StringComparison.Ordinal) && line.Contains($"={tag}]", StringComparison.Ordinal));
        return double.Parse(line.Split(',')[^1], CultureInfo.InvariantCulture);
    }
}
