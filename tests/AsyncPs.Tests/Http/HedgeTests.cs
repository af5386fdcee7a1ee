using System.Net.Sockets;
using System.Text;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

/// <summary>-Hedge with requests.</summary>
public sealed class HedgeTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RawServer _server;
    private int _requests;

    public HedgeTests()
    {
        _server = RawServer.Doing(AnswerAsync);
        _session.Set("base", _server.Base);
    }

    public void Dispose()
    {
        _gate.TrySetResult();
        _session.Dispose();
        _server.Dispose();
    }

    [Theory]
    [InlineData("Invoke-Concurrent -Uri $base -As Text -Hedge 20ms")]
    [InlineData("(Invoke-Concurrent -Uri $base -As Text -Hedge 20ms -AsResult).Output")]
    [InlineData("Start-Throttled -Uri $base -As Text -Hedge 20ms | Receive-Job -Wait")]
    public async Task A_second_request_answers_where_the_first_hangs(string script)
    {
        ScriptRun run = await _session.RunAsync(script);

        Assert.Empty(run.Errors);
        Assert.Equal(["answer"], run.Output);
        Assert.Equal(2, Volatile.Read(ref _requests));
    }

    [Fact]
    public async Task What_may_not_be_repeated_is_sent_once()
    {
        ScriptRun run = _session.Start("Invoke-Concurrent -Uri $base -As Text -Hedge 0 -Method Post -Body 'once'");
        await Condition.UntilAsync(() => Volatile.Read(ref _requests) == 1, "it is sent");
        _gate.SetResult();
        await run.EndAsync();

        Assert.Equal(["answer"], run.Output);
        Assert.Equal(1, Volatile.Read(ref _requests));
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        if (Interlocked.Increment(ref _requests) == 1)
        {
            await _gate.Task;
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nanswer"));
    }
}
