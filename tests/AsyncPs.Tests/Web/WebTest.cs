using System.Text;
using System.Text.Json;
using AsyncPs.Tests.Support;
using AsyncPs.Web;
using Xunit;

namespace AsyncPs.Tests.Web;

/// <summary>The base of tests of servers: a session with the module, servers on free ports of loopback, and clients.</summary>
public abstract class WebTest : IDisposable
{
    protected static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(2);

    private readonly List<AsyncServer> _servers = [];

    protected WebTest()
        => Client = new HttpClient(
            new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { Timeout = WaitLimit };

    protected ModuleSession Session { get; } = new(BuiltModule.WebManifest);

    protected HttpClient Client { get; }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts a server on a free port.</summary>
    /// <param name="routes">A script that writes the routes.</param>
    /// <param name="parameters">More parameters of Start-AsyncServer.</param>
    protected async Task<AsyncServer> StartAsync(string routes, string parameters = "")
    {
        ScriptRun run =
            await Session.RunAsync($"$routes = @({routes})\nStart-AsyncServer $routes -Port 0 -AsJob -NoWarmUp {parameters}", WaitLimit);
        Assert.Empty(run.Errors);
        AsyncServer server = Assert.Single(run.Output.OfType<AsyncServer>());
        _servers.Add(server);
        return server;
    }

    protected static string UriOf(AsyncServer server, string path) => server.Uri[0].TrimEnd('/') + path;

    protected async Task<Answer> GetAsync(AsyncServer server, string path, params (string Name, string Value)[] headers)
        => await SendAsync(HttpMethod.Get, server, path, null, headers);

    protected async Task<Answer> PostJsonAsync(AsyncServer server, string path, string json, params (string Name, string Value)[] headers)
        => await SendAsync(HttpMethod.Post, server, path, new StringContent(json, Encoding.UTF8, "application/json"), headers);

    protected async Task<Answer> SendAsync(
        HttpMethod method,
        AsyncServer server,
        string path,
        HttpContent? content,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, UriOf(server, path)) { Content = content };
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await Client.SendAsync(request, Token);
        Dictionary<string, string> all = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(static header => header.Key, static header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer((int)response.StatusCode, all, await response.Content.ReadAsByteArrayAsync(Token));
    }

    public void Dispose()
    {
        Client.Dispose();
        Task.WaitAll([.. _servers.Select(static server => Task.Run(server.StopJob))], WaitLimit);
        Session.Dispose();
        Clean();
        GC.SuppressFinalize(this);
    }

    protected virtual void Clean()
    {
    }

    protected sealed record Answer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Bytes)
    {
        public string Text => Encoding.UTF8.GetString(Bytes);

        public JsonElement Json => JsonDocument.Parse(Bytes).RootElement;

        public string? Header(string name) => Headers.GetValueOrDefault(name);
    }
}
