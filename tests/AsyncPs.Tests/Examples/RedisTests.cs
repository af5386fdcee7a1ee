using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>examples/redis.ps1 against a server that speaks as much of Redis as it needs.</summary>
public sealed class RedisTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, string> _values = new();
    private int _connections;

    public RedisTests()
    {
        _listener.Start();
        _ = AcceptAsync();
        _session.Set("example", Repository.Example("redis.ps1"));
        _session.Set("port", ((IPEndPoint)_listener.LocalEndpoint).Port);
    }

    public void Dispose()
    {
        _session.Dispose();
        _listener.Dispose();
    }

    [Fact]
    public async Task Replies_come_in_the_order_of_the_commands()
    {
        ScriptRun run = await _session.RunAsync("""
            'SET greeting "hello wörld"', 'GET greeting', 'GET none', 'KEYS *', 'DBSIZE', 'WHAT' |
                & $example -Server 127.0.0.1 -Port $port -Connections 1 |
                    ForEach-Object { "$($_.Command)>$($_.Reply -join ',')>$($_.Error)" }
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(
            [
                "SET greeting \"hello wörld\">OK>", "GET greeting>hello wörld>", "GET none>>", "KEYS *>greeting>", "DBSIZE>1>",
                "WHAT>>ERR unknown command",
            ],
            run.Output);
        Assert.Equal(1, _connections);
    }

    [Fact]
    public async Task Many_commands_share_few_connections_and_a_broken_one_is_replaced()
    {
        ScriptRun run = await _session.RunAsync("""
            1..200 | ForEach-Object { if ($_ -eq 100) { 'BREAK' } else { "SET $_ value" } } |
                & $example -Server 127.0.0.1 -Port $port -Connections 3 | ForEach-Object Reply
            """);

        Assert.Single(run.Errors);
        Assert.Equal(Enumerable.Repeat<object?>("OK", 199), run.Output);
        Assert.InRange(_connections, 2, 4);
    }

    [Fact]
    public async Task A_list_keeps_its_shape()
    {
        ScriptRun run = await _session.RunAsync("""
            $one, $none, $nested = 'LIST 1', 'LIST 0', 'NESTED' | & $example -Server 127.0.0.1 -Port $port -Connections 1 |
                ForEach-Object { , $_.Reply }
            "$($one.Count) $($one[0])"
            "$($none.Count)"
            "$($nested.Count) $($null -eq $nested[1]) $($nested[2] -join ',') $($nested[2].Count)"
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(["1 0", "0", "3 True 1,2 2"], run.Output);
    }

    [Fact]
    public async Task A_reply_that_breaks_off_is_an_error()
    {
        ScriptRun run = await _session.RunAsync("'CUT' | & $example -Server 127.0.0.1 -Port $port");

        Assert.Empty(run.Output);
        Assert.IsType<EndOfStreamException>(Assert.Single(run.Errors).Exception.GetBaseException());
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
                Interlocked.Increment(ref _connections);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var reader = new StreamReader(client.GetStream()))
        await using (var writer = new StreamWriter(client.GetStream()) { NewLine = "\r\n", AutoFlush = true })
        {
            while (await reader.ReadLineAsync() is { } count)
            {
                var words = new string[int.Parse(count[1..], CultureInfo.InvariantCulture)];
                for (int i = 0; i < words.Length; i++)
                {
                    await reader.ReadLineAsync();
                    words[i] = (await reader.ReadLineAsync())!;
                }

                if (words[0] == "BREAK")
                {
                    return;
                }

                if (words[0] == "CUT")
                {
                    await writer.WriteAsync("$100\r\nabc");
                    return;
                }

                await writer.WriteLineAsync(Reply(words));
            }
        }
    }

    private string Reply(string[] words)
    {
        switch (words[0])
        {
            case "SET":
                _values[words[1]] = words[2];
                return "+OK";
            case "GET":
                return _values.TryGetValue(words[1], out string? value) ? Text(value) : "$-1";
            case "KEYS":
                return $"*{_values.Count}\r\n{string.Join("\r\n", _values.Keys.Select(Text))}";
            case "LIST":
                return $"*{words[1]}" + (words[1] == "0" ? "" : "\r\n:0");
            case "NESTED":
                return "*3\r\n$1\r\na\r\n$-1\r\n*2\r\n:1\r\n:2";
            case "DBSIZE":
                return $":{_values.Count}";
            default:
                return "-ERR unknown command";
        }
    }

    private static string Text(string value) => $"${System.Text.Encoding.UTF8.GetByteCount(value)}\r\n{value}";
}
