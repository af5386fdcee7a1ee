using AsyncPs.Commands.Pipeline;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Inspection;

/// <summary>A call that waits in a circle warns of it.</summary>
[Collection(nameof(SerialTests))]
public sealed class StandstillTests : IDisposable
{
    private const string Circle = """
        $a = New-Throttle 1; $b = New-Throttle 1; $all = [System.Threading.Barrier]::new(2)
        0..1 | Invoke-Concurrent -ThrottleLimit 2 {0} {
            if ($_ -eq 0) { Use-Throttle $a { $all.SignalAndWait(); Use-Throttle $b { $_ } } }
            else { Use-Throttle $b { $all.SignalAndWait(); Use-Throttle $a { $_ } } }
        }
        """;

    private readonly ModuleSession _session = new();
    private readonly TimeSpan _patience = StandstillWatch.WaitLimit;

    public StandstillTests() => StandstillWatch.WaitLimit = TimeSpan.FromMilliseconds(500);

    public void Dispose()
    {
        StandstillWatch.WaitLimit = _patience;
        _session.Dispose();
    }

    [Fact]
    public async Task Who_asks_for_verbose_messages_is_warned_once_of_a_circle()
    {
        ScriptRun run = _session.Start(Circle.Replace("{0}", "-Verbose", StringComparison.Ordinal));

        await Condition.UntilAsync(() => run.Streams.Warning.Count > 0, "it is warned of", TimeSpan.FromMinutes(1));
        await Task.Delay(3 * StandstillWatch.Period, TestContext.Current.CancellationToken);
        await run.StopAsync();

        string warning = Assert.Single(run.Streams.Warning).Message;
        Assert.Matches(
            @"^The call #\d+ has made no progress for \d+ s, because of a deadlock: "
                + @"#(\d+)\[0\] waits for a permit of throttle \d+ \(1 of 1 taken\), "
                + @"held by #\1\[1\]; #\1\[1\] waits for a permit of throttle \d+ \(1 of 1 taken\), held by #\1\[0\]\. ",
            warning);
    }

    [Fact]
    public async Task A_circle_deeper_in_is_told_by_the_call_around_it()
    {
        string inner = Circle.Replace("{0}", "-Verbose:$false", StringComparison.Ordinal);
        ScriptRun run = _session.Start("1 | Invoke-Concurrent -Verbose { $x = & {" + inner + "}; $x }");

        await Condition.UntilAsync(() => run.Streams.Warning.Count > 0, "it is warned of", TimeSpan.FromMinutes(1));
        await run.StopAsync();

        Assert.Contains("[0] waits for a permit", run.Streams.Warning[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1 | Invoke-Concurrent -Verbose { $probe.Pass() }")]
    [InlineData("$t = New-Throttle 1; 1..2 | Invoke-Concurrent -Verbose -ThrottleLimit 2 { Use-Throttle $t { $probe.Pass() } }")]
    public async Task Who_only_waits_for_long_is_not_warned(string script)
    {
        ScriptRun run = _session.Start(script);
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "it runs");

        await Task.Delay(3 * StandstillWatch.Period, TestContext.Current.CancellationToken);
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Empty(run.Streams.Warning);
    }
}
