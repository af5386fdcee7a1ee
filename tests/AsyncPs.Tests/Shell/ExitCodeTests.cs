using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Shell;

public sealed class ExitCodeTests
{
    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("function f { exit 8 } f; 'not reached'", 8)]
    [InlineData("throw 'boom'", 1)]
    [InlineData("$ErrorActionPreference = 'Stop'; no-such-command", 1)]
    [InlineData("if (", 1)]
    [InlineData("no-such-command", 0)]
    [InlineData("$global:LASTEXITCODE = 5; no-such-command", 0)]
    [InlineData("[CmdletBinding()] param() $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new([Exception]::new('x'), 'x', 0, $null))", 0)]
    [InlineData("$Host.SetShouldExit(9)", 9)]
    public async Task Of_a_file(string text, int expected)
    {
        using ScriptFile script = new(text);

        ShellResult result = await ShellProcess.RunAsync(script.Path);

        Assert.Equal(expected, result.ExitCode);
        Assert.DoesNotContain("not reached", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("", 0)]
    [InlineData("throw 'boom'", 1)]
    [InlineData("if (", 1)]
    [InlineData("no-such-command", 1)]
    [InlineData("no-such-command; 'done'", 0)]
    [InlineData("1 / 0", 1)]
    [InlineData("$Host.SetShouldExit(9)", 9)]
    public async Task Of_a_command(string text, int expected)
    {
        ShellResult result = await ShellProcess.RunAsync("-Command", text);

        Assert.Equal(expected, result.ExitCode);
    }

    [Fact]
    public async Task Of_a_file_called_by_a_command_is_in_LASTEXITCODE()
    {
        using ScriptFile script = new("exit 7");

        ShellResult result = await ShellProcess.RunAsync("-Command", $"& '{script.Path}'; $LASTEXITCODE; & '{script.Path}'");

        Assert.Equal((1, "7\n"), (result.ExitCode, result.Output));
    }

    [Theory]
    [InlineData("no-such-file.ps1")]
    [InlineData("-File")]
    [InlineData("-Command")]
    [InlineData("-NoSuchOption")]
    public async Task Of_a_bad_command_line_is_64(params string[] arguments)
    {
        ShellResult result = await ShellProcess.RunAsync(arguments);

        Assert.Equal((64, ""), (result.ExitCode, result.Output));
        Assert.Contains(arguments[0], result.Error, StringComparison.Ordinal);
    }
}
