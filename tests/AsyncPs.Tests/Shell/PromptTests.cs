using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Shell;

/// <summary>The shell on a terminal, which <c>script</c> of util-linux provides.</summary>
public sealed class PromptTests
{
    private const string CtrlC = "\x03";
    private const string CtrlD = "\x04";

    [Fact]
    public async Task Statements_run_until_exit()
    {
        using ShellProcess terminal = StartOnTerminal();

        terminal.Type("function prompt { \"`nask`n> \" }\r");
        await terminal.SeeAsync("ask");
        terminal.Type("if ($true) {\r'one' + 'statement'\r}\r");
        await terminal.SeeAsync("onestatement");
        terminal.Type("throw 'forgotten'" + CtrlC);
        await terminal.TypeUntilSeenAsync("'line ' + 'cleared'\r", "line cleared");
        terminal.Type("'started'.ToUpper(); while ($true) { }\r");
        await terminal.SeeAsync("STARTED");
        terminal.Type(CtrlC);
        ShellResult result = await AnswerAndExitAsync(terminal);

        Assert.Equal(5, result.ExitCode);
        Assert.DoesNotContain("Exception", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_just_after_a_statement_does_not_end_it()
    {
        using ShellProcess terminal = StartOnTerminal();
        for (int i = 0; i < 12; i++)
        {
            // The answer is seen while its pipeline is ending, so the key arrives while nothing runs and nothing is read.
            await terminal.TypeUntilSeenAsync($"'number ' + {i} + '.'\r", $"number {i}.");
            terminal.Type(CtrlC);
        }

        Assert.Equal(5, (await AnswerAndExitAsync(terminal)).ExitCode);
    }

    [Fact]
    public async Task Ctrl_C_pressed_twice_does_not_lose_the_session()
    {
        using ShellProcess terminal = StartOnTerminal();
        terminal.Type("try { 'started'.ToUpper(); while ($true) { } } finally { [Console]::Out.WriteLine('stop' + 'ping'); [System.Threading.Thread]::Sleep(300) }\r");
        await terminal.SeeAsync("STARTED");

        terminal.Type(CtrlC);
        await terminal.SeeAsync("stopping");
        terminal.Type(CtrlC);

        Assert.Equal(5, (await AnswerAndExitAsync(terminal)).ExitCode);
    }

    [Fact]
    public async Task Ctrl_C_again_ends_a_session_whose_statement_does_not_stop()
    {
        using ShellProcess terminal = StartOnTerminal();
        terminal.Type("try { 'started'.ToUpper(); while ($true) { } } finally { [System.Threading.Thread]::Sleep(-1) }\r");
        await terminal.SeeAsync("STARTED");

        Assert.Equal(130, (await terminal.TypeUntilExitAsync(CtrlC)).ExitCode);
    }

    [Fact]
    public async Task Ctrl_D_ends_it()
    {
        using ShellProcess terminal = StartOnTerminal();
        terminal.Type("'rea' + 'dy'\r");
        await terminal.SeeAsync("ready");

        terminal.Type(CtrlD);

        Assert.Equal(0, (await terminal.ExitAsync()).ExitCode);
    }

    [Fact]
    public async Task A_missing_parameter_is_asked_for()
    {
        using ShellProcess terminal = StartOnTerminal();
        terminal.Type("function f { param([Parameter(Mandatory)] $Answer) \"got $Answer\" }; f\r42\rexit\r");

        ShellResult result = await terminal.ExitAsync();

        Assert.Contains("got 42", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xterm", true)]
    [InlineData("dumb", false)]
    public async Task A_secret_is_read_on_any_terminal(string type, bool masked)
    {
        using ShellProcess terminal = StartOnTerminal(type);
        terminal.Type("[Console]::Out.WriteLine('ask' + 'ing'); [pscredential]::new('me', $Host.UI.ReadLineAsSecureString()).GetNetworkCredential().Password.ToUpper()\r");
        await terminal.SeeAsync("asking");
        terminal.Type("password\r");
        await terminal.SeeAsync("PASSWORD");
        terminal.Type("exit\r");

        Assert.Equal(masked, (await terminal.ExitAsync()).Output.Contains("********", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Progress_is_shown_and_taken_away()
    {
        using ShellProcess terminal = StartOnTerminal();
        terminal.Type("$Host.UI.WriteProgress(1, [System.Management.Automation.ProgressRecord]::new(1, 'act' + 'ivity', 'status'))\rexit\r");

        ShellResult result = await terminal.ExitAsync();

        Assert.Contains("\x1b[Kactivity status\r\x1b[K", result.Output, StringComparison.Ordinal);
    }

    /// <summary>The session answers still, and ends with the exit code 5.</summary>
    private static async Task<ShellResult> AnswerAndExitAsync(ShellProcess terminal)
    {
        await terminal.TypeUntilSeenAsync("'still ' + 'here'\r", "still here");
        terminal.Type("exit 5\r");
        return await terminal.ExitAsync();
    }

    private static ShellProcess StartOnTerminal(string type = "xterm")
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/script"), "There is no script command of util-linux.");

        // Without exec, some shells stay between: Ctrl+C of the terminal would end them, and theirs would be the exit code.
        string command = $"TERM={type} exec '" + string.Join("' '", ShellProcess.Command) + "'";
        return ShellProcess.StartOther("/usr/bin/script", "--quiet", "--return", "--flush", "--command", command, "/dev/null");
    }
}
