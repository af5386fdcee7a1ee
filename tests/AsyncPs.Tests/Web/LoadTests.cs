using System.Collections.Concurrent;
using System.Globalization;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Web;

/// <summary>A server process that is stopped or killed while many clients send requests.</summary>
public sealed class LoadTests : IDisposable
{
    private const int Clients = 16;
    private const int Length = 5000;
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(2);

    private readonly TempFolder _folder = new("asyncps-load-");
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = WaitLimit };
    private readonly ConcurrentDictionary<int, byte> _answered = [];
    private readonly ConcurrentQueue<string> _wrong = new();
    private int _last;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Each request is recorded when its block begins: then the server has accepted it.
    private string Routes => $$"""
        New-AsyncRoute GET '/{Id}' {
            param([int] $Id)
            [IO.File]::AppendAllText("{{_folder.Path}}/$([Threading.Thread]::CurrentThread.ManagedThreadId)", "$Id`n")
            Start-Sleep -Milliseconds 20
            "$Id ".PadRight({{Length}}, 'x')
        }
        """;

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_server_that_is_told_to_end_answers_every_request_that_it_has_begun(string signal)
    {
        using ServerProcess server = await ServerProcess.StartAsync(Routes, "-NoWarmUp -ShutdownTimeout 1m");
        Task[] clients = Ask(server.Uri);
        await Condition.UntilAsync(() => _answered.Count > 200, "many were answered", WaitLimit);

        server.Process.Signal(signal);

        await server.Process.ExitAsync();
        await Task.WhenAll(clients).WaitAsync(WaitLimit, Token);
        int[] accepted = Accepted();
        Assert.Empty(_wrong);
        Assert.NotEmpty(accepted);
        Assert.Empty(accepted.Except(_answered.Keys));
    }

    [Fact]
    public async Task A_server_that_is_killed_gives_no_part_for_the_whole_and_the_next_one_takes_its_place()
    {
        ServerProcess server = await ServerProcess.StartAsync(Routes);
        Uri uri = server.Uri;
        using (server)
        {
            Task[] clients = Ask(uri);
            await Condition.UntilAsync(() => _answered.Count > 200, "many were answered", WaitLimit);
            server.Process.Signal("KILL");
            await Task.WhenAll(clients).WaitAsync(WaitLimit, Token);
        }

        Assert.Empty(_wrong);
        int[] unanswered = [.. Accepted().Except(_answered.Keys)];
        Assert.InRange(unanswered.Length, 0, Clients);

        // On the same port, at once; the clients repeat requests without an answer.
        using ServerProcess next = await ServerProcess.StartAsync(Routes, $"-NoWarmUp -Port {uri.Port}");
        foreach (int id in unanswered.Append(int.MaxValue))
        {
            Assert.Equal(Length, (await _client.GetStringAsync(new Uri(next.Uri, $"{id}"), Token)).Length);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    // Until the server is gone.
    private Task[] Ask(Uri uri) => [.. Enumerable.Range(0, Clients).Select(_ => Task.Run(
        async () =>
        {
            while (true)
            {
                int id = Interlocked.Increment(ref _last);
                try
                {
                    using HttpResponseMessage response = await _client.GetAsync(new Uri(uri, $"{id}"), Token);
                    string text = await response.Content.ReadAsStringAsync(Token);
                    if ((int)response.StatusCode == 503)
                    {
                        // It was refused, not accepted.
                        return;
                    }

                    if (text.Length == Length && text.StartsWith($"{id} ", StringComparison.Ordinal))
                    {
                        _answered.TryAdd(id, 0);
                    }
                    else
                    {
                        _wrong.Enqueue($"{id}: {(int)response.StatusCode}, {text.Length} characters");
                    }
                }
                catch (HttpRequestException)
                {
                    return;
                }
            }
        },
        Token))];

    private int[] Accepted() => [.. Directory.GetFiles(_folder.Path).SelectMany(File.ReadAllLines)
        .Select(static line => int.Parse(line, CultureInfo.InvariantCulture))];
}
