using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Shell;

public sealed class ScriptArgumentsTests
{
    [Theory]
    [InlineData("x|5|True|one,two", "-Path", "x", "-Count", "5", "-On", "one", "two")]
    [InlineData("x|5|False|", "-Path:x", "-On:false", "-Count:", "5")]
    [InlineData("x|1|True|", "-On:$true", "x")]
    [InlineData("a b||1|False|", "a b|")]
    public async Task Arguments_bind_to_the_parameters_of_the_script(string expected, params string[] arguments)
    {
        using ScriptFile script = new("""
            param([string] $Path, [int] $Count = 1, [switch] $On, [Parameter(ValueFromRemainingArguments)] $Rest)
            "$Path|$Count|$On|$($Rest -join ',')"
            """);

        ShellResult result = await ShellProcess.RunAsync([script.Path, .. arguments]);

        Assert.Equal(new ShellResult(0, expected + "\n", ""), result);
    }

    [Fact]
    public async Task A_script_without_parameters_gets_args()
    {
        using ScriptFile script = new("$args.Count; $args");

        ShellResult result = await ShellProcess.RunAsync("-NoProfile", "-File", script.Path, "one", "-two", "three four", "$HOME", "5");

        Assert.Equal("5\none\n-two\nthree four\n$HOME\n5\n", result.Output);
    }

    [Fact]
    public async Task A_script_knows_where_it_is()
    {
        using ScriptFile script = new("$PSScriptRoot; $PSCommandPath; $MyInvocation.MyCommand.Path");

        ShellResult result = await ShellProcess.RunAsync(script.Path);

        Assert.Equal($"{script.Folder}\n{script.Path}\n{script.Path}\n", result.Output);
    }

    [Fact]
    public async Task An_argument_of_the_wrong_type_fails()
    {
        using ScriptFile script = new("param([int] $Count) 'ran'");

        ShellResult result = await ShellProcess.RunAsync(script.Path, "-Count", "many");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("'Count'", result.Error, StringComparison.Ordinal);
    }
}
