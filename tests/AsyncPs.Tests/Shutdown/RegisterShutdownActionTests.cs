using System.Collections.Concurrent;
using System.Management.Automation;
using AsyncPs.Shutdown;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Shutdown;

public sealed class RegisterShutdownActionTests
{
    private readonly ConcurrentQueue<string> _log = new();

    [Theory]
    [InlineData("Remove-Module AsyncPs")]
    [InlineData("Remove-Module AsyncPs; Remove-Module AsyncPs -ErrorAction Ignore")]
    [InlineData("")]
    public async Task Actions_run_once_the_last_first_at_removal_or_at_the_end_of_the_session(string end)
    {
        using (var session = new ModuleSession())
        {
            session.Set("log", _log);
            await session.RunAsync($$"""
                $value = 'one'
                Register-ShutdownAction { $log.Enqueue($value) }
                Register-ShutdownAction { throw 'no matter' }
                Register-ShutdownAction { $log.Enqueue("two $args") } -ArgumentList 2
                $value = 'changed'
                {{end}}
                """);
            Assert.Equal(end.Length == 0 ? [] : ["two 2", "one"], _log);
        }

        await Condition.UntilAsync(() => _log.Count == 2, "they have run");
        Assert.Equal(["two 2", "one"], _log);
    }

    [Theory]
    [InlineData("Remove-Module AsyncPs", true)]
    [InlineData("Remove-Module AsyncPs", false)]
    [InlineData("", true)]
    [InlineData("", false)]
    public async Task Jobs_still_run_while_the_actions_do_and_are_stopped_after_them(string end, bool jobFirst)
    {
        const string Job
            = "$null = Start-Throttled { try { $probe.Enter(); while ($true) { [Threading.Thread]::Sleep(1) } } "
                + "finally { $log.Enqueue('job'); $probe.Exit() } }; while ($probe.Running -eq 0) { [Threading.Thread]::Sleep(1) };";
        const string Actions
            = "Register-ShutdownAction { $log.Enqueue(\"first $($probe.Running)\") }; "
                + "Register-ShutdownAction { $log.Enqueue(\"last $($probe.Running)\") };";
        using (var session = new ModuleSession())
        {
            session.Set("log", _log);
            await session.RunAsync((jobFirst ? Job + Actions : Actions + Job) + end);
        }

        await Condition.UntilAsync(() => _log.Count == 3, "all has been done");
        Assert.Equal(["last 1", "first 1", "job"], _log);
    }

    [Theory]
    [InlineData("TERM", "while ($true) { }", 143)]
    [InlineData("HUP", "while ($true) { }", 129)]
    [InlineData(null, "exit 3", 3)]
    public async Task At_the_end_of_the_process_the_order_is_the_same(string? signal, string end, int exitCode)
    {
        Assert.SkipWhen(signal is not null && OperatingSystem.IsWindows(), "There is no kill on Windows.");
        using ScriptFile script = new($$"""
            $on = [Threading.ManualResetEventSlim]::new()
            $job = Start-Throttled {
                try { $on.Set(); while ($true) { [Threading.Thread]::Sleep(1) } } finally { [Console]::Out.WriteLine('job') }
            }
            $on.Wait()
            Register-ShutdownAction { [Console]::Out.WriteLine('action') }
            'started'
            {{end}}
            """);
        using ChildProcess process = ChildProcess.StartPowerShell(["-File", script.Path]);
        await process.SeeAsync("started");
        if (signal is not null)
        {
            process.Signal(signal);
        }

        Assert.Equal(new ChildResult(exitCode, "started\naction\njob\n", ""), await process.ExitAsync());
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    public async Task At_a_signal_running_calls_end_as_at_a_stop(string signal, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no kill on Windows.");
        using var folder = new TempFolder();
        using ScriptFile script = new($$"""
            try {
                1..3 | Invoke-Concurrent -ThrottleLimit 3 {
                    try {
                        [Console]::Out.WriteLine('started')
                        if ($_ -eq 1) { while ($true) { } }
                        if ($_ -eq 2) { [Threading.Thread]::Sleep(-1) }
                        sh -c 'echo $$ > "$0"; exec sleep 600' '{{folder["pid"]}}'
                    } finally { Start-Sleep -Milliseconds 100; [IO.File]::WriteAllText("{{folder["ended"]}}$_", 'x') }
                }
            } finally { [IO.File]::WriteAllText('{{folder["caller"]}}', 'x') }
            'never'
            """);
        using ChildProcess process = ChildProcess.StartPowerShell(["-File", script.Path]);
        await process.SeeAsync("started\nstarted\nstarted");
        await Condition.UntilAsync(
            () => File.Exists(folder["pid"]) && File.ReadAllText(folder["pid"]).EndsWith('\n'),
            "the native command runs");
        process.Signal(signal);

        Assert.Equal(new ChildResult(exitCode, "started\nstarted\nstarted\n", ""), await process.ExitAsync());
        Assert.Equal(["caller", "ended1", "ended2", "ended3", "pid"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
        string pid = (await File.ReadAllTextAsync(folder["pid"], TestContext.Current.CancellationToken)).Trim();
        await Condition.UntilAsync(() => !Directory.Exists($"/proc/{pid}"), "the native command has ended");
    }

    [Theory]
    [InlineData("Invoke-Concurrent -Uri {URI} -OutFile {OUT}")]
    [InlineData("$null = Start-Throttled -Uri {URI} -OutFile {OUT}; while ($true) { }")]
    [InlineData("1 | Invoke-Concurrent { Invoke-Concurrent -Uri {URI} -OutFile {OUT} }")]
    public async Task At_a_signal_nothing_is_left_of_a_file_that_is_half_there(string statement)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no kill on Windows.");
        using var folder = new TempFolder();
        using RawServer server = RawServer.Doing(static async stream =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"u8.ToArray());
            await stream.WriteAsync(new byte[50_000]);
            await Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
        });
        using ScriptFile script = new(statement
            .Replace("{URI}", $"'{server.Base}'", StringComparison.Ordinal)
            .Replace("{OUT}", $"'{folder["out"]}'", StringComparison.Ordinal));
        using ChildProcess process = ChildProcess.StartPowerShell(["-File", script.Path]);
        await Condition.UntilAsync(
            () => Directory.GetFiles(folder.Path).Any(static file => new FileInfo(file).Length > 0),
            "a part is there");
        process.Signal("TERM");

        Assert.Equal(143, (await process.ExitAsync()).ExitCode);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("1 | Invoke-Concurrent {BLOCK} | ForEach-Object { [Environment]::Exit(7) }")]
    [InlineData("Read-AsyncStream (New-AsyncStream {BLOCK}) | ForEach-Object { exit 7 }")]
    public async Task Running_calls_end_when_the_process_exits_under_them(string statement)
    {
        const string Block = "{ try { 1; while ($true) { 2 } } finally { [Console]::Out.WriteLine('finally') } }";
        using ScriptFile script = new(statement.Replace("{BLOCK}", Block, StringComparison.Ordinal));
        Assert.Equal(new ChildResult(7, "finally\n", ""), await ChildProcess.RunPowerShellAsync("-File", script.Path));
    }

    [Fact]
    public async Task What_takes_too_long_is_stopped_and_the_next_has_its_turn()
    {
        using var session = new ModuleSession();
        session.Set("log", _log);
        await session.RunAsync("""
            Register-ShutdownAction { $log.Enqueue('next') }
            Register-ShutdownAction { try { while ($true) { } } finally { $log.Enqueue('finally') } } -Timeout 50ms
            Remove-Module AsyncPs
            """);

        Assert.Equal(["finally", "next"], _log);
    }

    [Fact]
    public async Task An_action_can_be_taken_back()
    {
        using var session = new ModuleSession();
        session.Set("log", _log);
        ScriptRun run = await session.RunAsync("""
            $a = Register-ShutdownAction { $log.Enqueue('never') } -Name mine -Timeout 2 -IgnoreInterrupt -PassThru
            $a; $a.IsRegistered; $a.Dispose(); $a.IsRegistered
            Remove-Module AsyncPs
            """);

        ShutdownAction action = Assert.IsType<ShutdownAction>(run.Output[0]);
        Assert.Equal(("mine", TimeSpan.FromSeconds(2), true), (action.Name, action.Timeout, action.IgnoresInterrupt));
        Assert.Equal([true, false], run.Output.Skip(1));
        Assert.Empty(_log);
    }

    [Fact]
    public async Task Sessions_keep_theirs_apart()
    {
        using var other = new ModuleSession();
        other.Set("log", _log);
        await other.RunAsync("Register-ShutdownAction { $log.Enqueue('other') }");
        using var session = new ModuleSession();
        session.Set("log", _log);
        await session.RunAsync("Register-ShutdownAction { $log.Enqueue('this') }; Remove-Module AsyncPs");

        Assert.Equal(["this"], _log);
    }

    [Theory]
    [InlineData("Register-ShutdownAction { } -Timeout 0")]
    [InlineData("Register-ShutdownAction { } -Timeout Infinite")]
    public async Task A_time_limit_is_one(string script)
    {
        using var session = new ModuleSession();
        ErrorRecord error = await session.FailStatementAsync(script);

        Assert.Equal("ParameterArgumentTransformationError,AsyncPs.Commands.RegisterShutdownActionCommand", error.FullyQualifiedErrorId);
    }

    [Fact]
    public async Task At_the_end_of_a_script_it_runs_before_the_process_exits()
    {
        using ScriptFile script = new(
            "Register-ShutdownAction { [Console]::Out.WriteLine('second') }; "
                + "Register-ShutdownAction { [Console]::Out.WriteLine('first') }; 'script'; exit 3");
        ChildResult result = await ChildProcess.RunPowerShellAsync("-File", script.Path);

        Assert.Equal(new ChildResult(3, "script\nfirst\nsecond\n", ""), result);
    }

    [Theory]
    [InlineData("INT", 0)]
    [InlineData("TERM", 143)]
    public async Task At_a_signal_it_runs_once(string signal, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no kill on Windows.");
        using ScriptFile script = new("Register-ShutdownAction { [Console]::Out.WriteLine('action') }; 'started'; while ($true) { }");
        using ChildProcess process = ChildProcess.StartPowerShell(["-File", script.Path]);
        await process.SeeAsync("started");

        process.Signal(signal);

        Assert.Equal(new ChildResult(exitCode, "started\naction\n", ""), await process.ExitAsync());
    }
}
