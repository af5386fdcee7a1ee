using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Shell;

public sealed class CommandTests
{
    [Fact]
    public async Task Words_are_joined_by_spaces()
    {
        ShellResult result = await ShellProcess.RunAsync("-c", "'a',", "'b'", "|", "ForEach-Object", "{ $_ + 1 }");

        Assert.Equal(new ShellResult(0, "a1\nb1\n", ""), result);
    }

    [Theory]
    [InlineData]
    [InlineData("-Command", "-")]
    public async Task A_script_comes_from_standard_input(params string[] arguments)
    {
        using ShellProcess shell = ShellProcess.Start(arguments, "foreach ($i in 1..3) {\n  $i\n}\n\nexit 6\n");

        ShellResult result = await shell.ExitAsync();

        Assert.Equal(new ShellResult(6, "1\n2\n3\n", ""), result);
    }

    [Fact]
    public async Task The_module_is_imported_and_can_be_imported_by_name()
    {
        ShellResult result = await ShellProcess.RunAsync("-c", "(Get-Module).Name; Import-Module AsyncPs; (Get-Module).Path -like '*AsyncPs*'");

        Assert.Equal(new ShellResult(0, "AsyncPs\nTrue\n", ""), result);
    }

    [Fact]
    public async Task The_module_is_found_where_the_user_says()
    {
        foreach (string path in (string[])[BuiltModule.Folder, BuiltModule.Manifest])
        {
            using ShellProcess shell = ShellProcess.Start(["--module", path, "-c", "'ok'"], environment: ("ASYNCPS_MODULE", "nowhere"));

            Assert.Equal(new ShellResult(0, "ok\n", ""), await shell.ExitAsync());
        }
    }

    [Fact]
    public async Task A_missing_module_is_an_error_with_a_remedy()
    {
        using ShellProcess shell = ShellProcess.Start(["-c", "'ran'"], environment: ("ASYNCPS_MODULE", "nowhere"));

        ShellResult result = await shell.ExitAsync();

        Assert.Equal((70, ""), (result.ExitCode, result.Output));
        Assert.Contains("nowhere", result.Error, StringComparison.Ordinal);
        Assert.Contains("dotnet build AsyncPs.sln", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Help", "asyncps-shell [-File]")]
    [InlineData("--version", "AsyncPs 0.")]
    public async Task Help_and_version_need_no_module(string option, string expected)
    {
        using ShellProcess shell = ShellProcess.Start([option], environment: ("ASYNCPS_MODULE", "nowhere"));

        ShellResult result = await shell.ExitAsync();

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
    }
}
