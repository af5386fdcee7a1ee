using System.Diagnostics;
using Xunit;

namespace AsyncPs.Tests.Support;

/// <summary>An interactive PowerShell on a terminal, which <c>script</c> of util-linux provides, with the module imported.</summary>
public sealed class Terminal : IDisposable
{
    public const string CtrlC = "\x03";
    public const string CtrlD = "\x04";

    private const string Question = "\x1b[6n";
    private const string Position = "\x1b[1;1R";

    private readonly TempFolder _data = new();
    private readonly ChildProcess _process;

    private Terminal()
    {
        // Without exec, some shells stay between: Ctrl+C of the terminal would end them, and theirs would be the exit code. Without
        // noflsh, Ctrl+C drops the data in both directions. PowerShell would then wait forever for the answer to a question (where is
        // the cursor?) that the terminal never saw.
        string command = $"stty noflsh rows 50 columns 240; exec '{string.Join("' '", PowerShellTool.Command)}'";
        ProcessStartInfo start = new("/usr/bin/script", ["--quiet", "--return", "--flush", "--command", command, "/dev/null"]);
        PowerShellTool.SetEnvironment(start);
        start.Environment["TERM"] = "xterm";

        // What is typed here must not become the user's history.
        start.Environment["XDG_DATA_HOME"] = _data.Path;
        _process = ChildProcess.Start(start, Answer);
    }

    /// <summary>A session that has shown its prompt and imported the module.</summary>
    public static async Task<Terminal> OpenAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/script"), "There is no script command of util-linux.");
        Terminal terminal = new();
        await terminal.SeeAsync("PS ");
        await terminal.EnterUntilSeenAsync("Import-Module AsyncPs; 'imp' + 'orted'", "imported");
        return terminal;
    }

    /// <summary>Types a line.</summary>
    public void Enter(string line) => _process.Type(line + "\r");

    /// <summary>Presses keys.</summary>
    public void Press(string keys) => _process.Type(keys);

    /// <summary>Types a line, again if an interrupt has dropped it, until the answer is there.</summary>
    public Task EnterUntilSeenAsync(string line, string answer) => _process.TypeUntilSeenAsync(line + "\r", answer);

    /// <summary>Returns as soon as the text has been written.</summary>
    public Task SeeAsync(string text) => _process.SeeAsync(text);

    /// <summary>The session answers still, and ends with the exit code 5.</summary>
    public async Task<ChildResult> AnswerAndExitAsync()
    {
        await EnterUntilSeenAsync("'still ' + 'here'", "still here");
        Enter("exit 5");
        ChildResult result = await ExitAsync();
        Assert.Equal(5, result.ExitCode);
        return result;
    }

    public Task<ChildResult> ExitAsync() => _process.ExitAsync();

    /// <summary>Closes the terminal, as the window of one is closed.</summary>
    public void Close() => _process.Signal("KILL");

    public void Dispose()
    {
        _process.Dispose();
        _data.Dispose();
    }

    /// <summary>A terminal is asked where the cursor is, and PowerShell waits for its answer.</summary>
    private static string Answer(string text) => string.Concat(Enumerable.Repeat(Position, text.Split(Question).Length - 1));
}
