using System.Diagnostics;
using System.Globalization;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

[Collection(nameof(SerialTests))]
public sealed class LoadTests(TestServer server) : HttpTest(server)
{
    [Fact]
    public async Task Ten_thousand_requests_with_faults_are_each_accounted_for_exactly_once()
    {
        ScriptRun run = await Session.RunAsync(
            "0..9999 | Invoke-Concurrent -Uri { \"$base/random/$_\" } -ThrottleLimit 1000 -As Text",
            TimeSpan.FromMinutes(2));

        int[] succeeded = [.. run.Output.Select(o => int.Parse((string)o!, CultureInfo.InvariantCulture)).Order()];
        int[] failed = [.. run.Errors.Select(e => (int)e.Target()!).Order()];
        Assert.Equal(Enumerable.Range(0, 10_000).Where(n => n % 10 < 7), succeeded);
        Assert.Equal(Enumerable.Range(0, 10_000).Where(n => n % 10 >= 7), failed);
        Assert.All(run.Errors, e => Assert.Equal(
            ((int)e.Target()! % 10) switch { 7 => "HttpStatus", 8 => "HttpResponseEnded", _ => "HttpResponseEnded" },
            e.FullyQualifiedErrorId.Split(',')[0].Replace("HttpConnectionReset", "HttpResponseEnded", StringComparison.Ordinal)));
        await Condition.UntilAsync(() => Server.Running == 0, "the server has nothing to do");
    }

    [Fact]
    public async Task No_more_are_in_flight_than_the_limit_and_none_holds_a_worker()
    {
        int workers = Counters.WorkerThreads;
        ScriptRun run = await StartUntilFullAsync("-ThrottleLimit 50", 50);
        Assert.Equal(workers, Counters.WorkerThreads);

        await StopAsync(run);
    }

    [Fact]
    public async Task The_default_limit_is_64()
    {
        ScriptRun run = await StartUntilFullAsync("", 64);

        await StopAsync(run);
    }

    [Fact]
    public async Task Enough_output_downstream_ends_what_still_runs()
    {
        ScriptRun run = await Session.RunAsync(
            "foreach ($x in 1) { \"$base/never\", \"$base/echo\", \"$base/never\" | Invoke-Concurrent -As Json | ForEach-Object { "
                + "$_.path; break } }");

        Assert.Equal(["/echo"], run.Output);
        await Condition.UntilAsync(() => Server.Running == 0, "the requests are canceled");
    }

    [Fact]
    public async Task Results_come_in_input_order_on_request()
    {
        ScriptRun run = await Session.RunAsync(
            "1..2000 | Invoke-Concurrent -Uri { \"$base/echo/$_\" } -As Json -Ordered -ThrottleLimit 100 | ForEach-Object path");

        Assert.Empty(run.Errors);
        Assert.Equal(Enumerable.Range(1, 2000).Select(n => $"/echo/{n}"), run.Output);
    }

    [Fact]
    public async Task Items_have_results_and_time_limits_as_blocks_have()
    {
        ScriptRun run = await Session.RunAsync(
            "\"$base/echo\", \"$base/status/500\", \"$base/never\" | Invoke-Concurrent -AsResult -ItemTimeout 0.3 -Ordered | "
                + "ForEach-Object { \"$($_.Status) $($_.Attempt) $($_.Output.Count) $($_.Error.Count)\" }");

        Assert.Equal(["Succeeded 1 1 0", "Failed 1 0 1", "TimedOut 1 0 1"], run.Output);
    }

    [Fact]
    public async Task A_shared_limiter_holds_for_requests_too()
    {
        ScriptRun run = await StartUntilFullAsync("-Throttle (New-Throttle -Limit 3) -ThrottleLimit 10", 3);

        await StopAsync(run);
        Assert.Empty((await Session.RunAsync(
            "1..20 | Invoke-Concurrent -Uri { \"$base/echo\" } -Throttle (New-Throttle -Limit 3) | ForEach-Object { }")).Errors);
    }

    [Fact]
    public async Task A_large_body_to_disk_needs_no_memory()
    {
        string file = Folder["body"];
        Session.Set("file", file);
        long before = Process.GetCurrentProcess().WorkingSet64;
        ScriptRun run = await Session.RunAsync(
            "(Invoke-Concurrent -Uri \"$base/gzip?size=1000000000\" -OutFile $file).Length",
            TimeSpan.FromMinutes(2));

        Assert.Equal([1_000_000_000L], run.Output);
        Assert.InRange(Process.GetCurrentProcess().WorkingSet64 - before, long.MinValue, 150_000_000);
    }

    /// <summary>Starts far more requests that are never answered than may run at once, and waits until no more are sent.</summary>
    private async Task<ScriptRun> StartUntilFullAsync(string parameters, int limit)
    {
        Server.ForgetHighest();
        Probe probe = Session.Probe;
        ScriptRun run = Session.Start(
            $"1..1000 | ForEach-Object {{ $probe.Produce(); $_ }} | Invoke-Concurrent -Uri {{ \"$base/never?$_\" }} {parameters}");
        await Condition.UntilAsync(() => Server.Running == limit, $"{limit} requests wait");
        await Condition.UntilPausedAsync(() => probe.Producer, () => probe.Produced + Server.Requests, "the input pauses");
        Assert.Equal(limit, Server.Highest);
        return run;
    }

    private async Task StopAsync(ScriptRun run)
    {
        await run.StopAsync();
        await Condition.UntilAsync(() => Server.Running == 0, "the requests are canceled");
    }
}
