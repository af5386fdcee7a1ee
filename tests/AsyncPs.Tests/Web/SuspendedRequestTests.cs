using System.Collections.Concurrent;
using AsyncPs.Tests.Support;
using AsyncPs.Web;
using Xunit;

namespace AsyncPs.Tests.Web;

/// <summary>Handlers that suspend at their awaits, so that requests that wait hold no worker.</summary>
public sealed class SuspendedRequestTests : WebTest
{
    private const int MostThreads = 24;

    // What the handlers note, and a gate that the test opens.
    private readonly ConcurrentDictionary<int, int> _threads = [];
    private readonly ConcurrentDictionary<string, int> _begun = [];
    private readonly ConcurrentDictionary<string, int> _ended = [];
    private readonly TaskCompletionSource<string> _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // It notes its thread as soon as it runs.
    private const string Note = "$threads[[Threading.Thread]::CurrentThread.ManagedThreadId] = 1; $begun[[string] $AsyncRequest.Path] = 1";

    private static int Requests => Environment.GetEnvironmentVariable("ASYNCPS_STRESS") is { Length: > 0 } ? 5000 : 300;

    [Theory]
    [InlineData("await $gate.Task")]
    [InlineData("$got = await $gate.Task; Start-Sleep -Seconds 1; $got")]
    [InlineData("(Read-AsyncQueue $queue -Count 1)")]
    [InlineData("$text = Get-Date; if ($text) { foreach ($i in 1..2) { $got = await $gate.Task } }; $got")]
    public async Task Thousands_of_requests_that_wait_need_a_few_workers(string wait)
    {
        AsyncServer server = await OpenAsync(
            $$"""New-AsyncRoute GET '/{Id}' { param([int] $Id) {{Note}}; "$Id $({{wait}})" }""", $"-ThrottleLimit {Requests + 1}");
        Task<Answer>[] answers = [.. Enumerable.Range(0, Requests).Select(i => GetAsync(server, $"/{i}"))];
        await Condition.UntilAsync(() => _begun.Count == Requests, "all handlers have begun", WaitLimit);

        Open();
        await Session.RunAsync($"1..{Requests} | ForEach-Object {{ 'opened' }} | Write-AsyncQueue $queue", WaitLimit);

        Answer[] all = await Task.WhenAll(answers).WaitAsync(WaitLimit, Token);
        Assert.Equal(
            Enumerable.Range(0, Requests).Select(static i => $"200 {i} opened"),
            all.Select(static one => $"{one.Status} {one.Text}"));
        Assert.InRange(_threads.Count, 1, MostThreads);
    }

    [Theory]
    [InlineData("[CmdletBinding()] param([Parameter(Mandatory)][string] $Name)", "?name=x")]
    [InlineData("param([ValidateScript({ $_ -ne 'y' })][string] $Name)", "?name=x")]
    [InlineData("param([string] $Name = 'x', [string] $Other)", "?name=x&other=")]
    [InlineData("param([bool] $Flag, [string] $Name)", "?name=x&flag=true")]
    [InlineData("param([int[]] $Number, [string] $Name)", "?name=x&number=1&number=2")]
    public async Task Handlers_suspend_whose_parameters_the_engine_binds(string parameters, string query)
    {
        const int Count = 100;
        AsyncServer server = await OpenAsync(
            $$"""
            New-AsyncRoute GET '/{Id}' {
                {{parameters.Replace("param(", "param([string] $Id, ", StringComparison.Ordinal)}}
                {{Note}}
                try { $before = "$Name"; $got = await $gate.Task } finally { $ended[$Id] = 1 }
                "$Id $before$Name $got"
            }
            """,
            $"-ThrottleLimit {Count}");
        Task<Answer>[] answers = [.. Enumerable.Range(0, Count).Select(i => GetAsync(server, $"/{i}{query}"))];
        await Condition.UntilAsync(() => _begun.Count == Count, "all handlers have begun", WaitLimit);
        Assert.Empty(_ended);

        Open();

        Answer[] all = await Task.WhenAll(answers).WaitAsync(WaitLimit, Token);
        Assert.Equal(
            Enumerable.Range(0, Count).Select(static i => $"200 {i} xx opened"),
            all.Select(static one => $"{one.Status} {one.Text}"));
        Assert.InRange(_threads.Count, 1, MostThreads);
    }

    [Fact]
    public async Task A_handler_sees_its_own_request_after_an_await()
    {
        AsyncServer server = await OpenAsync(
            $$"""
            New-AsyncRoute GET '/{Id}' {
                param([int] $Id)
                {{Note}}
                $global:mine = $Id
                $null = await $gate.Task
                "$Id $($AsyncRequest.Path) $($_.Path) $mine"
            }
            """);
        Task<Answer>[] answers = [.. Enumerable.Range(0, 20).Select(i => GetAsync(server, $"/{i}"))];
        await Condition.UntilAsync(() => _begun.Count == 20, "all handlers have begun", WaitLimit);

        Open();

        Answer[] all = await Task.WhenAll(answers).WaitAsync(WaitLimit, Token);
        Assert.Equal(Enumerable.Range(0, 20).Select(static i => $"{i} /{i} /{i} {i}"), all.Select(static one => one.Text));
    }

    [Fact]
    public async Task Errors_after_an_await_are_those_of_the_handler()
    {
        AsyncServer server = await OpenAsync(
            $$"""
            New-AsyncRoute GET /throws { $null = await $gate.Task; throw 'after' }
            New-AsyncRoute GET /caught {
                try { await ([Threading.Tasks.Task]::FromException([FormatException] 'bad')) } catch [FormatException] { 'caught' }
            }
            New-AsyncRoute GET /fails { $null = await $gate.Task; await ([Threading.Tasks.Task]::FromException([FormatException] 'bad')) }
            New-AsyncRoute GET /number { param([int] $Id) $null = await $gate.Task; $Id }
            """);
        Open();

        Assert.Equal(500, (await GetAsync(server, "/throws")).Status);
        Assert.Equal("caught", (await GetAsync(server, "/caught")).Text);
        Assert.Equal(500, (await GetAsync(server, "/fails")).Status);
        Assert.Equal(422, (await GetAsync(server, "/number?id=x")).Status);
    }

    [Fact]
    public async Task A_suspended_handler_ends_at_the_time_out_and_cleans_up()
    {
        AsyncServer server = await OpenAsync(Suspending, "-RequestTimeout 500ms");

        // On a busy machine, the time can be over before a handler begins.
        for (int request = 1; _begun.IsEmpty; request++)
        {
            Assert.Equal(504, (await GetAsync(server, $"/{request}")).Status);
        }

        string[] cleanUps = [.. _begun.Keys.Select(static path => $"finally {path[1..]}")];
        await Condition.UntilAsync(() => cleanUps.All(_ended.ContainsKey), "the handlers that have begun have cleaned up", WaitLimit);
        Assert.All(_ended.Keys, static end => Assert.StartsWith("finally ", end));

        Open();
        Answer answer;
        do
        {
            answer = await GetAsync(server, "/again");
        }
        while (answer.Status == 504);

        Assert.Equal("opened", answer.Text);
    }

    [Fact]
    public async Task A_suspended_handler_ends_when_its_client_disconnects()
    {
        AsyncServer server = await OpenAsync(Suspending);
        using var leaving = new CancellationTokenSource();
        Task<HttpResponseMessage> asking = Client.GetAsync(new Uri(UriOf(server, "/1")), leaving.Token);
        await Condition.UntilAsync(() => _begun.Count == 1, "the handler has begun", WaitLimit);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Condition.UntilAsync(() => !_ended.IsEmpty, "the handler has cleaned up", WaitLimit);
        Assert.Equal(["finally 1"], _ended.Keys);
        Open();
        Assert.Equal("opened", (await GetAsync(server, "/2")).Text);
    }

    [Fact]
    public async Task Suspended_handlers_end_when_the_server_stops()
    {
        AsyncServer server = await OpenAsync(Suspending, "-ShutdownTimeout 100ms");
        Task<Answer>[] answers = [.. Enumerable.Range(0, 50).Select(i => GetAsync(server, $"/{i}"))];
        await Condition.UntilAsync(() => _begun.Count == 50, "all handlers have begun", WaitLimit);

        await Task.Run(server.StopJob, Token).WaitAsync(WaitLimit, Token);

        Answer[] all = await Task.WhenAll(answers).WaitAsync(WaitLimit, Token);
        Assert.All(all, static answer => Assert.Equal(503, answer.Status));
        Assert.Equal(Enumerable.Range(0, 50).Select(static i => $"finally {i}").Order(), _ended.Keys.Order());
    }

    [Fact]
    public async Task A_handler_that_waits_in_its_worker_keeps_no_suspended_one_waiting()
    {
        AsyncServer server = await OpenAsync(
            $$"""
            New-AsyncRoute GET '/suspends/{Id}' { param([string] $Id) {{Note}}; Read-AsyncQueue $queue -Count 1 }
            New-AsyncRoute GET '/waits/{Id}' { param([string] $Id) {{Note}}; 1 | ForEach-Object { await $gate.Task } }
            """);
        Task<Answer>[] waiting = [.. Enumerable.Range(0, 4).Select(i => GetAsync(server, $"/waits/{i}"))];
        Task<Answer>[] suspended = [.. Enumerable.Range(0, 20).Select(i => GetAsync(server, $"/suspends/{i}"))];
        await Condition.UntilAsync(() => _begun.Count == 24, "all handlers have begun", WaitLimit);

        await Session.RunAsync("1..20 | ForEach-Object { 'read' } | Write-AsyncQueue $queue", WaitLimit);

        Answer[] read = await Task.WhenAll(suspended).WaitAsync(WaitLimit, Token);
        Assert.All(read, static answer => Assert.Equal("read", answer.Text));
        Assert.All(waiting, static answer => Assert.False(answer.IsCompleted));
        Open();
        Assert.All(await Task.WhenAll(waiting).WaitAsync(WaitLimit, Token), static answer => Assert.Equal("opened", answer.Text));
    }

    private static string Suspending => $$"""
        New-AsyncRoute GET '/{Id}' {
            param([string] $Id)
            try { {{Note}}; await $gate.Task } catch { $ended["catch $Id"] = 1 } finally {
                if (-not $gate.Task.IsCompleted) { $ended["finally $Id"] = 1 }
            }
        }
        """;

    private async Task<AsyncServer> OpenAsync(string routes, string parameters = "")
    {
        Session.Set("threads", _threads);
        Session.Set("begun", _begun);
        Session.Set("ended", _ended);
        Session.Set("gate", _gate);
        await Session.RunAsync("$global:queue = New-AsyncQueue", WaitLimit);
        return await StartAsync(routes, parameters);
    }

    private void Open() => _gate.SetResult("opened");
}
