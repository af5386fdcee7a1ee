using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Sessions;

/// <summary>The module at the prompt of PowerShell: Ctrl+C, progress, programs, and the ways to leave.</summary>
public sealed class TerminalTests
{
    /// <summary>
    /// An item that never ends, and reports its begin and its clean-up. The words are concatenated, so that the echo of the typed line does
    /// not contain them.
    /// </summary>
    private const string Item =
        "{ try { [Console]::Out.WriteLine('be' + 'gun'); Start-Sleep 600 } finally { [Console]::Out.WriteLine('clean' + 'ed') } }";

    [Theory]
    [InlineData($"1 | Invoke-Concurrent {Item}")]
    [InlineData($"Wait-WithTimeout {Item} 600")]
    [InlineData($"Use-TaskGroup {{ Start-Throttled {Item} }}")]
    [InlineData($"Invoke-WithRetry {Item}")]
    [InlineData($"Read-AsyncStream (New-AsyncStream {Item})")]
    public async Task Ctrl_C_stops_the_statement_and_its_finally_blocks_run(string statement)
    {
        using Terminal terminal = await Terminal.OpenAsync();
        terminal.Enter(statement);
        await terminal.SeeAsync("begun");

        terminal.Press(Terminal.CtrlC);
        await terminal.SeeAsync("cleaned");

        Assert.DoesNotContain("Exception", (await terminal.AnswerAndExitAsync()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_every_kind_of_wait()
    {
        string[] waits =
        [
            "Read-AsyncQueue (New-AsyncQueue)",
            "$full = New-AsyncQueue 1; 1..2 | Write-AsyncQueue $full",
            "$q = New-AsyncQueue; 1 | Write-AsyncQueue $q; Wait-AsyncQueue $q",
            "$t = New-Throttle 1; Use-Throttle $t { Use-Throttle $t { 'never' } }",
            "$p = New-AsyncPool { 1 } -MaxSize 1; Use-AsyncPool $p { Use-AsyncPool $p { 'never' } }",
            "$job = Start-Throttled { Start-Sleep 600 }; Receive-Job $job -Wait",
        ];
        using Terminal terminal = await Terminal.OpenAsync();
        for (int i = 0; i < waits.Length; i++)
        {
            terminal.Enter($"[Console]::Out.WriteLine('wait ' + {i}); {waits[i]}");
            await terminal.SeeAsync($"wait {i}");
            terminal.Press(Terminal.CtrlC);
            await terminal.EnterUntilSeenAsync($"'ended ' + {i}", $"ended {i}");
        }

        await terminal.AnswerAndExitAsync();
    }

    [Fact]
    public async Task Ctrl_C_again_while_finally_blocks_run_does_not_lose_the_session()
    {
        using Terminal terminal = await Terminal.OpenAsync();
        terminal.Enter(
            "1 | Invoke-Concurrent { try { [Console]::Out.WriteLine('be' + 'gun'); Start-Sleep 600 } finally { "
                + "[Console]::Out.WriteLine('stop' + 'ping'); [Threading.Thread]::Sleep(300) } }");
        await terminal.SeeAsync("begun");

        terminal.Press(Terminal.CtrlC);
        await terminal.SeeAsync("stopping");
        terminal.Press(Terminal.CtrlC);

        await terminal.AnswerAndExitAsync();
    }

    [Fact]
    public async Task Ctrl_C_just_after_a_call_does_not_harm_the_next()
    {
        using Terminal terminal = await Terminal.OpenAsync();
        for (int i = 0; i < 10; i++)
        {
            // The answer appears while its pipeline is ending.
            await terminal.EnterUntilSeenAsync($"{i} | Invoke-Concurrent {{ \"number $_.\" }}", $"number {i}.");
            terminal.Press(Terminal.CtrlC);
        }

        await terminal.AnswerAndExitAsync();
    }

    [Fact]
    public async Task Ctrl_C_ends_the_programs_that_items_run()
    {
        using Terminal terminal = await Terminal.OpenAsync();
        terminal.Enter("1..2 | Invoke-Concurrent { [Console]::Out.WriteLine('be' + 'gun ' + $_); sleep 600 } -ThrottleLimit 2");
        await terminal.SeeAsync("begun 1");
        await terminal.SeeAsync("begun 2");

        terminal.Press(Terminal.CtrlC);

        await terminal.EnterUntilSeenAsync(
            "while (Get-Process sleep -ErrorAction Ignore | Where-Object { $_.Parent.Id -eq $PID }) { }; 'none ' + 'left'",
            "none left");
        await terminal.AnswerAndExitAsync();
    }

    [Theory]
    [InlineData("exit 5\r", 5)]
    [InlineData(Terminal.CtrlD, 0)]
    public async Task Leaving_runs_the_finally_blocks_of_jobs(string keys, int exitCode)
    {
        using Terminal terminal = await Terminal.OpenAsync();
        terminal.Enter($"$job = Start-Throttled {Item}; 'at the ' + 'prompt'");
        await terminal.SeeAsync("begun");
        await terminal.SeeAsync("at the prompt");

        terminal.Press(keys);
        ChildResult result = await terminal.ExitAsync();

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains("cleaned", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_that_is_closed_ends_the_session_and_its_jobs_clean_up()
    {
        using TempFolder folder = new();
        using Terminal terminal = await Terminal.OpenAsync();
        terminal.Enter(
            $"$job = Start-Throttled {{ try {{ [Console]::Out.WriteLine('be' + 'gun'); "
                + $"Start-Sleep 600 }} finally {{ [IO.File]::WriteAllText('{folder["cleaned"]}', '') }} }}");
        await terminal.SeeAsync("begun");

        terminal.Close();

        await Condition.UntilAsync(() => File.Exists(folder["cleaned"]), "the job has cleaned up");
    }

    [Fact]
    public async Task Progress_is_shown_and_taken_away()
    {
        using Terminal terminal = await Terminal.OpenAsync();
        terminal.Enter(
            "$gate = [Threading.ManualResetEventSlim]::new(); 1..4 | Invoke-Concurrent -Progress -ThrottleLimit 2 { if ($_ -gt 2) { "
                + "$gate.Wait() } }");
        await terminal.SeeAsync("2 of 4");

        terminal.Press(Terminal.CtrlC);
        await terminal.AnswerAndExitAsync();
    }
}
