using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>examples/run-batches.ps1 on real files, and stopped by a signal in a process of its own.</summary>
public sealed class RunBatchesTests : IDisposable
{
    private static readonly string Example = Repository.Example("run-batches.ps1");

    private readonly TempFolder _inbox = new();

    public void Dispose() => _inbox.Dispose();

    [Fact]
    public async Task Files_end_where_they_belong()
    {
        using ModuleSession session = new();
        Fill(4);
        session.Set("example", Example);
        session.Set("inbox", _inbox.Path);

        ScriptRun run = await session.RunAsync(
            "& $example $inbox { if ($_.Name -eq '2.txt') { throw 'not two' } } -Rounds 2 -IntervalSeconds 0 | ForEach-Object { "
                + "\"$($_.File) $($_.Round) $($_.Status)\" }");

        Assert.Empty(run.Errors);
        Assert.Equal(
            ["0.txt 1 Done", "1.txt 1 Done", "2.txt 1 Failed", "3.txt 1 Done"],
            run.Output.Cast<string>().Order(StringComparer.Ordinal));
        Assert.Equal(["0.txt", "1.txt", "3.txt"], Names("done"));
        Assert.Equal(["2.txt", "2.txt.error.txt"], Names("failed"));
        Assert.Equal("not two", await File.ReadAllTextAsync(_inbox["failed", "2.txt.error.txt"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_request_to_stop_lets_files_that_have_begun_be_finished_and_begins_no_other()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals to send.");
        Fill(6);
        string go = _inbox["done", "go"];
        using ChildProcess process = ChildProcess.StartPowerShell(
        [
            "-Command",
            $$"""
            & '{{Example}}' '{{_inbox.Path}}' -ThrottleLimit 2 {
                [Console]::WriteLine("began $($_.Name)"); while (-not [IO.File]::Exists('{{go}}')) { [Threading.Thread]::Sleep(5) }
            }
            """,
        ]);
        await process.SeeAsync("began ");
        process.Signal("TERM");
        await process.SeeErrorAsync("Stopping");
        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        ChildResult result = await process.ExitAsync();

        string[] began = [.. result.Output
            .Split('\n')
            .Where(static line => line.StartsWith("began ", StringComparison.Ordinal))
            .Select(static line => line[6..].Trim())
            .Order(StringComparer.Ordinal)];
        Assert.InRange(began.Length, 1, 2);
        Assert.Equal(began, Names("done").Where(static name => name != "go"));
        Assert.Equal(6 - began.Length, Directory.GetFiles(_inbox.Path).Length);
    }

    [Fact]
    public async Task Ctrl_C_does_not_wait_for_the_next_round()
    {
        using ModuleSession session = new();
        Fill(1);
        session.Set("example", Example);
        session.Set("inbox", _inbox.Path);
        ScriptRun run = session.Start("& $example $inbox { } -IntervalSeconds 3600");
        await Condition.UntilAsync(() => run.Records.Count == 1, "the round is over");

        await run.StopAsync();

        Assert.Empty(run.Errors);
    }

    private void Fill(int count)
    {
        for (int i = 0; i < count; i++)
        {
            File.WriteAllText(_inbox[$"{i}.txt"], "");
        }
    }

    private IEnumerable<string> Names(string folder)
        => new DirectoryInfo(_inbox[folder]).GetFiles().Select(static file => file.Name).Order(StringComparer.Ordinal);
}
