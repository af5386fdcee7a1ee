using AsyncPs.Inspection;
using AsyncPs.Tests.Support;
using AsyncPs.Tests.Web;
using AsyncPs.Web;
using Xunit;

namespace AsyncPs.Tests.Inspection;

/// <summary>Web servers among the calls.</summary>
public sealed class ServerCallTests : WebTest
{
    [Fact]
    public async Task A_server_is_a_call_and_its_requests_are_items()
    {
        string mark = $"mark{Guid.NewGuid():N}";
        AsyncServer server = await StartAsync($"New-AsyncRoute GET '/{mark}/{{N}}' {{ param([int] $N) $probe.Pass(); $N }}");
        Task<Answer> answer = GetAsync(server, $"/{mark}/7?key=secret");
        await Condition.UntilAsync(() => Session.Probe.Running == 1, "the request is answered", WaitLimit);

        ConcurrentCallInfo call = CallInspector.Inspect()
            .Single(call => call.Items.Any(item => item.Job?.Contains(mark, StringComparison.Ordinal) == true));
        Session.Probe.Open();

        Assert.Equal(200, (await answer).Status);
        Assert.Equal(ConcurrentCallKind.Server, call.Kind);
        Assert.Equal("Start-AsyncServer", call.Command);
        ConcurrentItemInfo item = Assert.Single(call.Items);
        Assert.Equal($"GET /{mark}/7", item.Job);
        Assert.Contains("$probe.Pass()", item.Runs, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", string.Join(' ', CallTree.Draw([call]).Select(static line => line.Tree)), StringComparison.Ordinal);
    }
}
