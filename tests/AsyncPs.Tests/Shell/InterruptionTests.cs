using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Shell;

public sealed class InterruptionTests
{
    private const string Loop = "try { 'started'; while ($true) { } } finally { [Console]::Out.WriteLine('cleaned up') }";
    private const string NeverStops =
        "try { 'started'; while ($true) { } } finally { [Console]::Out.WriteLine('stopping'); [System.Threading.Thread]::Sleep(-1) }";

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_signal_stops_the_pipeline(string signal, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no kill -INT on Windows.");
        using ScriptFile script = new(Loop);
        using ShellProcess shell = ShellProcess.Start([script.Path]);
        await shell.SeeAsync("started");

        shell.Signal(signal);

        Assert.Equal(new ShellResult(exitCode, "started\ncleaned up\n", ""), await shell.ExitAsync());
    }

    [Fact]
    public async Task A_second_signal_ends_a_process_that_does_not_stop()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no kill -INT on Windows.");
        using ShellProcess shell = ShellProcess.Start(["-c", NeverStops]);
        await shell.SeeAsync("started");
        shell.Signal("INT");
        await shell.SeeAsync("stopping");
        Assert.False(shell.HasExited);

        shell.Signal("INT");

        Assert.Equal(130, (await shell.ExitAsync()).ExitCode);
    }

    [Fact]
    public async Task SIGTERM_ends_even_a_process_that_does_not_stop()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no kill -TERM on Windows.");
        using ShellProcess shell = ShellProcess.Start(["-c", NeverStops]);
        await shell.SeeAsync("started");

        shell.Signal("TERM");

        ShellResult result = await shell.ExitAsync();
        Assert.Equal((143, "started\nstopping\n"), (result.ExitCode, result.Output));
    }
}
