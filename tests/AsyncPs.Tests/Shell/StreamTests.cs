using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Shell;

public sealed class StreamTests
{
    [Fact]
    public async Task Output_is_formatted()
    {
        ShellResult result = await ShellProcess.RunAsync("-c", "\"$([char]27)[31mred$([char]27)[0m\"; [pscustomobject]@{ Name = 'a'; Size = 1 }");

        Assert.Equal(new ShellResult(0, "red\n\nName Size\n---- ----\na       1\n\n", ""), result);
    }

    [Fact]
    public async Task Errors_go_to_standard_error_with_their_position()
    {
        using ScriptFile script = new("'before'\n1 / 0\n'after'\nthrow 'boom'");

        ShellResult result = await ShellProcess.RunAsync(script.Path);

        Assert.Equal("before\nafter\n", result.Output);
        Assert.Equal(
            $"""
            RuntimeException: {script.Path}:2
            Line |
               2 |  1 / 0
                 |  ~~~~~
                 | Attempted to divide by zero.
            Exception: {script.Path}:4
            Line |
               4 |  throw 'boom'
                 |  ~~~~~~~~~~~~
                 | boom

            """,
            result.Error.Replace("\n\n", "\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("if (", "Missing condition in if statement")]
    [InlineData("if }", "Missing '(' after 'if'")]
    public async Task An_error_of_the_parser_is_shown(string command, string expected)
    {
        ShellResult result = await ShellProcess.RunAsync("-c", command);

        Assert.Equal("", result.Output);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_streams_have_their_prefixes_and_no_progress_is_written()
    {
        using ScriptFile script = new("""
            [CmdletBinding()] param()
            $VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
            $PSCmdlet.WriteProgress([System.Management.Automation.ProgressRecord]::new(1, 'activity', 'status'))
            $PSCmdlet.WriteWarning('w')
            $PSCmdlet.WriteVerbose('v')
            $PSCmdlet.WriteDebug('d')
            $PSCmdlet.WriteInformation('i', @())
            """);

        ShellResult result = await ShellProcess.RunAsync(script.Path);

        Assert.Equal(new ShellResult(0, "WARNING: w\nVERBOSE: v\nDEBUG: d\ni\n", ""), result);
    }

    [Theory]
    [InlineData("$Host.UI.ReadLine()")]
    [InlineData("$Host.UI.PromptForChoice('', 'Sure?', @('&Yes', '&No'), 0)")]
    [InlineData("$Host.UI.PromptForCredential('', 'Who?', 'me', '')")]
    public async Task A_question_fails_when_nobody_can_answer(string command)
    {
        ShellResult result = await ShellProcess.RunAsync("-c", command);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("There is nobody to ask", result.Error, StringComparison.Ordinal);
    }
}
