using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AsyncPs.Tests.Support;
using AsyncPs.Web;
using Xunit;

namespace AsyncPs.Tests.Web;

/// <summary>The page that describes an API, in a real headless browser.</summary>
public sealed class DocsPageTests : WebTest
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task The_page_shows_the_routes_and_sends_a_request_that_it_is_given()
    {
        string? program = Programs.Find("chromium") ?? Programs.Find("chromium-browser") ?? Programs.Find("google-chrome");
        Assert.SkipWhen(program is null, "Chromium is not installed: apt-get install chromium.");
        AsyncServer server = await StartAsync(
            """
            New-AsyncRoute GET '/items/{Id}' -Name getItem -Tag shop {
                <#
                .SYNOPSIS
                One <b>item</b>.
                #>
                param([Parameter(Mandatory)][ValidateRange(1, 1000)][int] $Id, [ValidateSet('short', 'long')][string] $Form = 'short')
                @{ id = $Id; form = $Form }
            }
            New-AsyncRoute POST /items -Name addItem { param([Parameter(Mandatory)][string] $Name) @{ added = $Name } }
            """,
            "-Title Stationery");
        await using Browser browser = await Browser.StartAsync(program!, _folder.Path);

        await browser.OpenAsync(UriOf(server, "/docs"));
        await browser.UntilAsync("document.querySelectorAll('details').length === 2");
        Assert.Equal("Stationery", await browser.EvaluateAsync("document.title"));
        string summary = await browser.EvaluateAsync("document.querySelector('#getItem summary').textContent");
        Assert.Contains("/items/{Id}", summary, StringComparison.Ordinal);
        Assert.Contains("One <b>item</b>.", summary, StringComparison.Ordinal);
        Assert.Contains(
            "at most 1000",
            await browser.EvaluateAsync("document.querySelector('#getItem table').textContent"),
            StringComparison.Ordinal);

        await browser.EvaluateAsync("document.querySelector('#getItem').open = true; document.querySelector('#getItem "
            + "input[name=Id]').value = '7'; document.querySelector('#getItem button').click(); ''");
        await browser.UntilAsync("document.querySelector('#getItem .answer').textContent.startsWith('200')");
        Assert.Contains(
            "\"id\": 7",
            await browser.EvaluateAsync("document.querySelector('#getItem .answer').textContent"),
            StringComparison.Ordinal);

        await browser.EvaluateAsync("document.querySelector('#addItem textarea').value = '{\"Name\":\"Pen\"}'; "
            + "document.querySelector('#addItem button').click(); ''");
        await browser.UntilAsync("document.querySelector('#addItem .answer').textContent.startsWith('200')");
        Assert.Contains(
            "\"added\": \"Pen\"",
            await browser.EvaluateAsync("document.querySelector('#addItem .answer').textContent"),
            StringComparison.Ordinal);
        Assert.Empty(browser.Complaints);
    }

    protected override void Clean() => _folder.Dispose();

    /// <summary>A browser that is controlled over its debugging protocol.</summary>
    private sealed class Browser : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly ClientWebSocket _socket = new();
        private int _lastId;

        private Browser(Process process) => _process = process;

        /// <summary>The browser's messages about the page: errors of scripts, and violations of the page's policy.</summary>
        public List<string> Complaints { get; } = [];

        public static async Task<Browser> StartAsync(string program, string folder)
        {
            var start = new ProcessStartInfo(
                program,
                ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                    "--no-proxy-server", "--disable-extensions",
                    "--remote-debugging-port=0", $"--user-data-dir={folder}", "about:blank"])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            Process process = Process.Start(start)!;
            _ = process.StandardOutput.ReadToEndAsync(Token);
            var browser = new Browser(process);
            try
            {
                string ready = System.IO.Path.Combine(folder, "DevToolsActivePort");
                await Condition.UntilAsync(
                    () => File.Exists(ready) && File.ReadAllLines(ready).Length == 2,
                    "the browser has started",
                    WaitLimit);
                _ = process.StandardError.ReadToEndAsync(Token);
                string port = File.ReadAllLines(ready)[0];
                var list = new Uri($"http://127.0.0.1:{port}/json/list");
                using var client = new HttpClient();
                string? page = null;
                await Condition.UntilAsync(
                    () => (page = JsonDocument.Parse(client.GetStringAsync(list).GetAwaiter().GetResult())
                        .RootElement.EnumerateArray()
                        .Where(static target => target.GetProperty("type").GetString() == "page")
                        .Select(static target => target.GetProperty("webSocketDebuggerUrl").GetString())
                        .FirstOrDefault()) is not null,
                    "the browser has a page",
                    WaitLimit);
                await browser._socket.ConnectAsync(new Uri(page!), Token);
                await browser.SendAsync("Page.enable", []);
                await browser.SendAsync("Runtime.enable", []);
                await browser.SendAsync("Log.enable", []);
                return browser;
            }
            catch
            {
                await browser.DisposeAsync();
                throw;
            }
        }

        public Task<JsonNode> OpenAsync(string uri) => SendAsync("Page.navigate", new JsonObject { ["url"] = uri });

        public async Task<string> EvaluateAsync(string expression)
        {
            JsonNode result = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression });
            Assert.True(result["exceptionDetails"] is null, result.ToJsonString());
            return result["result"]!["value"]?.ToString() ?? "";
        }

        public async Task UntilAsync(string condition)
        {
            long begun = Stopwatch.GetTimestamp();
            while (await EvaluateAsync($"(() => {{ try {{ return {condition}; }} catch {{ return false; }} }})()") != "true")
            {
                Assert.True(
                    Stopwatch.GetElapsedTime(begun) < WaitLimit,
                    $"The deadline passed before: {condition}. {string.Join("; ", Complaints)}");
                await Task.Delay(20, Token);
            }
        }

        public async ValueTask DisposeAsync()
        {
            _socket.Dispose();
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }

            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
        }

        private async Task<JsonNode> SendAsync(string method, JsonObject parameters)
        {
            int id = ++_lastId;
            string message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters }.ToJsonString();
            await _socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, Token);
            while (true)
            {
                JsonNode answer = await ReadAsync();
                if (answer["id"]?.GetValue<int>() == id)
                {
                    return answer["result"] ?? throw new InvalidOperationException(answer.ToJsonString());
                }

                if (answer["method"]?.GetValue<string>() is "Runtime.exceptionThrown" or "Log.entryAdded")
                {
                    Complaints.Add(answer["params"]!.ToJsonString());
                }
            }
        }

        private async Task<JsonNode> ReadAsync()
        {
            var bytes = new MemoryStream();
            byte[] buffer = new byte[65536];
            WebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(buffer, Token).WaitAsync(WaitLimit, Token);
                bytes.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);
            return JsonNode.Parse(bytes.ToArray())!;
        }
    }
}
