using System.Diagnostics;
using AsyncPs.Tests.Messaging.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Messaging;

/// <summary>The workers of the examples and of the guide: one, three and ten processes of the same script.</summary>
public sealed class WorkerTests : MessagingTest
{
    private readonly TempFolder _folder = new("asyncps-worker-");

    public WorkerTests(RabbitMqBroker broker)
        : base(broker)
    {
        Session.Set("examples", Repository.Examples);
        Session.Set("folder", _folder.Path);
    }

    [Fact]
    public async Task The_example_does_what_there_is_tries_again_what_fails_and_keeps_what_fails_for_good()
    {
        ScriptRun run = await Session.RunAsync(Mq + """
            [pscustomobject] @{ Number = 1 }, [pscustomobject] @{ Number = 2 }, [pscustomobject] @{ Number = 3 } | Write-AsyncQueue $mq
            $factor = 10
            $worker = @{ Broker = $broker; Queue = $name; RetryDelay = '100ms'; MaximumDeliveries = 2; ErrorAction = 'SilentlyContinue' }
            $dead = Connect-AsyncMessageQueue $broker -Queue "$name.dead" -AsMessage
            $done = @()
            while ($done.Count -lt 2 -or $dead.Count -lt 1) {
                $done += & "$examples/queue-worker.ps1" @worker {
                    if ($_.Body.Number -eq 3) { throw 'not this one' }
                    if ($_.Body.Number -eq 2 -and $_.DeliveryCount -eq 1) { throw 'not yet' }
                    $_.Body.Number * $factor
                } -Drain
            }

            ($done | ForEach-Object { "$($_.Result) $($_.Deliveries)" }) -join ', '
            $letter = Read-AsyncQueue $dead -Count 1 -Timeout 60
            "$($letter.Body.Number) $($letter.Headers['x-failed-reason'])"
            """, WaitLimit);

        Assert.Equal(["10 1, 20 2", "3 not this one"], run.Output);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public async Task The_worker_of_the_guide_runs_in_one_process_and_in_many(int processes)
    {
        const int Files = 60;
        Directory.CreateDirectory(_folder["logs"]);
        for (int i = 0; i < Files; i++)
        {
            await File.WriteAllTextAsync(_folder[$"logs/{i}.log"], $"log {i}", TestContext.Current.CancellationToken);
        }

        string[] blocks = Blocks();
        string writer = Array.Find(blocks, static block => block.Contains("Write-AsyncQueue", StringComparison.Ordinal)
            && block.Contains("amqp://", StringComparison.Ordinal))!;
        string worker = Array.Find(blocks, static block => block.StartsWith("param([switch] $Drain)", StringComparison.Ordinal))!;
        await File.WriteAllTextAsync(_folder["worker.ps1"], Local(worker), TestContext.Current.CancellationToken);
        await RunAsync("""
            $credential = [pscredential]::new('guest', (ConvertTo-SecureString guest -AsPlainText))
            $credential | Export-Clixml "$folder/broker.xml"

            """ + Local(writer));

        Process[] workers = [.. Enumerable.Range(0, processes).Select(_ => Start())];
        foreach (Process process in workers)
        {
            CancellationToken token = TestContext.Current.CancellationToken;
            string errors = await process.StandardError.ReadToEndAsync(token).WaitAsync(WaitLimit, token);
            await process.WaitForExitAsync(token).WaitAsync(WaitLimit, token);
            Assert.Equal("", errors);
            Assert.Equal(0, process.ExitCode);
            process.Dispose();
        }

        Assert.Equal(processes, Directory.GetFiles(_folder.Path, "hashes-*.csv").Length);
        Assert.Equal(
            Enumerable.Range(0, Files).Select(i => _folder[$"logs/{i}.log"]).Order(StringComparer.Ordinal),
            (await RunAsync("Get-ChildItem $folder/hashes-*.csv | Import-Csv | ForEach-Object { if ($_.Hash.Length -eq 64) { $_.Path } }"))
                .Select(static path => path.ToString()).Order(StringComparer.Ordinal));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }

    private static string[] Blocks()
        => [.. File.ReadAllText(Path.Combine(Repository.Root, "docs", "guides", "many-machines.md")).Split("```")
            .Where(static (_, i) => i % 2 == 1)
            .Select(static block => block[(block.IndexOf('\n', StringComparison.Ordinal) + 1)..])];

    // The guide's script, with this broker and this folder.
    private string Local(string script) => script
        .Replace("amqp://broker.example", Broker.Node.Address, StringComparison.Ordinal)
        .Replace("-Queue files", $"-Queue {Name}", StringComparison.Ordinal)
        .Replace("//share/logs", _folder["logs"], StringComparison.Ordinal);

    private Process Start()
    {
        ProcessStartInfo start = PowerShellTool.StartInfo("-NonInteractive", "-File", _folder["worker.ps1"], "-Drain");
        start.WorkingDirectory = _folder.Path;
        start.RedirectStandardError = true;
        return Process.Start(start)!;
    }
}
