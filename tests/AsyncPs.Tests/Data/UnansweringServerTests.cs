using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using AsyncPs.Data;
using AsyncPs.Tests.Data.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>Other servers that listen in place of a PostgreSQL server.</summary>
public sealed class UnansweringServerTests : DataTest
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public UnansweringServerTests()
    {
        _listener.Start();
        Session.Set("server", $"Host=127.0.0.1;Port={((IPEndPoint)_listener.LocalEndpoint).Port};Username=me;Password=s3cret;Timeout=300");
    }

    [Theory]
    [InlineData("")]
    [InlineData(";SSL Mode=Require")]
    public async Task A_server_that_never_answers_does_not_keep_Ctrl_C_waiting(string settings)
    {
        ScriptRun run = Session.Start($"Connect-AsyncDatabase -PostgreSql \"$server{settings}\"");
        using TcpClient client = await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);

        await run.StopAsync();

        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task A_server_whose_TLS_cannot_be_talked_to_is_a_connection_that_failed()
    {
        Task<ErrorRecord> failing = Session.FailStatementAsync("Connect-AsyncDatabase -PostgreSql \"$server;SSL Mode=Require\"");
        await AnswerWithoutTlsAsync(failing);
        ErrorRecord error = await failing;

        Assert.Equal("DatabaseUnavailable", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.False(Assert.IsType<DatabaseException>(error.Exception).IsTransient);
        Assert.Contains(error.Exception.InnerException!.InnerException!.Message, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString() + error.Exception, StringComparison.Ordinal);
    }

    // Agrees to TLS, and then does not speak it. The driver may try more than once.
    private async Task AnswerWithoutTlsAsync(Task end)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _ = end.ContinueWith(_ => over.Cancel(), TaskScheduler.Default);
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(over.Token);
                NetworkStream stream = client.GetStream();
                await stream.ReadExactlyAsync(new byte[8], over.Token);
                await stream.WriteAsync("S"u8.ToArray(), over.Token);
                await stream.ReadExactlyAsync(new byte[8], over.Token);
                await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), over.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCompleted)
        {
            // It has given up.
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _listener.Dispose();
    }
}
