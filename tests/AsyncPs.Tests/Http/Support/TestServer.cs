using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AsyncPs.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace AsyncPs.Tests.Http.Support;

/// <summary>A real web server on loopback with every behaviour that requests have to cope with.</summary>
public sealed class TestServer : IAsyncLifetime
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _flaky = new();
    private readonly Highest _highest = new();
    private int _requests;
    private int _running;

    public TestServer()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = SelfSigned("CN=127.0.0.1");
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.AllowAnyClientCertificate();
                });
            });
        });
        _app = builder.Build();
        _app.Use(async (context, next) =>
        {
            Interlocked.Increment(ref _requests);
            _highest.See(Interlocked.Increment(ref _running));
            try
            {
                await next(context);
            }
            finally
            {
                Interlocked.Decrement(ref _running);
            }
        });
        Map();
    }

    /// <summary>HTTP/1.1.</summary>
    public string Base { get; private set; } = "";

    /// <summary>The same server under another host name.</summary>
    public string Other => Base.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    /// <summary>HTTP/2 without TLS.</summary>
    public string Http2 { get; private set; } = "";

    /// <summary>HTTP/1.1 and 2 with a certificate that nobody trusts.</summary>
    public string Https { get; private set; } = "";

    public int Requests => Volatile.Read(ref _requests);

    public int Running => Volatile.Read(ref _running);

    public int Highest => _highest.Value;

    /// <summary>The web sockets below /ws.</summary>
    public WebSocketEndpoints WebSockets { get; } = new();

    /// <summary>Lets responses of /gated go on.</summary>
    public SemaphoreSlim Gate { get; } = new(0);

    /// <summary>The version of the content of files.</summary>
    public string Version { get; set; } = "1";

    /// <summary>Whether files break off in the middle, once the gate lets them.</summary>
    public bool Breaks { get; set; }

    public async ValueTask InitializeAsync()
    {
        await _app.StartAsync();
        string[] addresses = [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
        (Base, Http2, Https) = (addresses[0], addresses[1], addresses[2]);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    /// <summary>A certificate that nobody trusts.</summary>
    public static X509Certificate2 SelfSigned(string subject)
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }

    /// <summary>The bodies that were posted to `/ingest`.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Ingested { get; } = [];

    private void Map()
    {
        WebSockets.Map(_app);
        _app.MapPost("/ingest", async (HttpContext c) =>
        {
            using var reader = new StreamReader(c.Request.Body);
            Ingested.Enqueue(await reader.ReadToEndAsync());
        });
        _app.Map("/echo/{**rest}", EchoAsync);
        _app.Map("/echo", EchoAsync);
        _app.Map("/status/{code:int}", (HttpContext c, int code) =>
        {
            c.Response.StatusCode = code;
            if (c.Request.Query["after"].ToString() is { Length: > 0 } after)
            {
                c.Response.Headers.RetryAfter = after;
            }

            return c.Response.WriteAsync($"status {code}");
        });
        _app.MapGet("/text", (HttpContext c, string type, string body) =>
        {
            c.Response.ContentType = type;
            return c.Response.Body.WriteAsync(Convert.FromHexString(body)).AsTask();
        });
        _app.MapGet("/json", (HttpContext c, string body) =>
        {
            c.Response.ContentType = "application/json";
            return c.Response.WriteAsync(body);
        });
        _app.MapGet("/gzip", c => CompressedAsync(c, "gzip", static s => new GZipStream(s, CompressionLevel.Fastest)));
        _app.MapGet("/br", c => CompressedAsync(c, "br", static s => new BrotliStream(s, CompressionLevel.Fastest)));
        _app.MapGet("/deflate", c => CompressedAsync(c, "deflate", static s => new ZLibStream(s, CompressionLevel.Fastest)));
        _app.MapGet("/redirect", (string to, int code) => new Redirection(to, code));
        _app.MapPost("/redirect", (string to, int code) => new Redirection(to, code));
        _app.MapGet("/loop/{n:int}", (int n) => new Redirection($"/loop/{n + 1}", 302));
        _app.MapGet("/certificate", (HttpContext c) => c.Connection.ClientCertificate?.Thumbprint ?? "none");
        _app.MapGet("/connection", (HttpContext c) => c.Connection.Id);
        _app.MapGet("/challenge", (HttpContext c) =>
        {
            if (c.Request.Headers.Authorization.Count > 0)
            {
                return c.Request.Headers.Authorization.ToString();
            }

            c.Response.StatusCode = 401;
            c.Response.Headers.WWWAuthenticate = "Basic realm=\"test\"";
            return "";
        });
        _app.MapGet("/cookies/set", (HttpContext c) =>
        {
            c.Response.Headers.Append("Set-Cookie", "one=1; Path=/");
            c.Response.Headers.Append("Set-Cookie", "two=2; Path=/; HttpOnly");
            c.Response.Headers.Append("Set-Cookie", "=nameless");
            return "set";
        });
        _app.MapGet("/cookies", (HttpContext c) => c.Request.Headers.Cookie.ToString());
        _app.MapPut("/outbox/{name}", (string name) => Results.StatusCode(_flaky.AddOrUpdate("outbox " + name, 1, static (_, n) => n + 1) == 1 ? 503 : 200));
        _app.Map("/flaky/{key}", async (HttpContext c, string key, int fails, int code, string? after) =>
        {
            int n = _flaky.AddOrUpdate(key, 1, static (_, n) => n + 1);
            if (n > fails)
            {
                await c.Response.WriteAsync($"{n}");
                return;
            }

            if (code == 0)
            {
                c.Abort();
                return;
            }

            c.Response.StatusCode = code;
            c.Response.Headers.RetryAfter = after;
        });
        _app.MapGet("/tripping/{n:int}", (HttpContext c, int n, string key) =>
        {
            // The second page fails once.
            if (n == 2 && _flaky.AddOrUpdate(key, 1, static (_, n) => n + 1) == 1)
            {
                c.Response.StatusCode = 503;
            }
            else if (n < 3)
            {
                c.Response.Headers.Append("Link", $"</tripping/{n + 1}?key={key}>; rel=next");
            }

            return $"page {n}";
        });
        _app.MapGet("/never", async (HttpContext c) => await Task.Delay(Timeout.Infinite, c.RequestAborted));
        _app.MapGet("/gated", async (HttpContext c, string? type) =>
        {
            c.Response.ContentType = type ?? "text/plain";
            for (int i = 1; i <= 3; i++)
            {
                await c.Response.WriteAsync(type is null ? $"line {i}\n" : $"id: {i}\ndata: event {i}\n\n");
                await c.Response.Body.FlushAsync();
                await Gate.WaitAsync(c.RequestAborted);
            }
        });
        _app.MapGet("/stall", async (HttpContext c) =>
        {
            await c.Response.WriteAsync("begin");
            await c.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, c.RequestAborted);
        });
        _app.MapGet("/abort", async (HttpContext c) =>
        {
            c.Response.ContentLength = 1000;
            await c.Response.WriteAsync("begin");
            await c.Response.Body.FlushAsync();
            c.Abort();
        });
        _app.MapGet("/drip", async (HttpContext c, int count) =>
        {
            for (int i = 0; i < count; i++)
            {
                await c.Response.WriteAsync("x");
                await c.Response.Body.FlushAsync();
            }
        });
        _app.MapGet("/lines/{count:int}", (HttpContext c, int count) => c.Response.WriteAsync(string.Concat(Enumerable.Range(1, count).Select(n => $"{n} {new string('x', 200)}\n"))
            + (c.Request.Query.ContainsKey("then") ? new string('x', 1000) : "")));
        _app.MapGet("/wait/{milliseconds:int}", async (int milliseconds) =>
        {
            await Task.Delay(milliseconds);
            return "waited";
        });
        _app.MapGet("/pages/{n:int}", (HttpContext c, int n, int of) =>
        {
            if (n < of)
            {
                c.Response.Headers.Append("Link", $"</pages/1?of={of}>; rel=\"first\", </pages/{n + 1}?of={of}>; title=\"a, b; c\"; rel=\"up next\"");
            }

            c.Response.ContentType = "application/json";
            return c.Response.WriteAsync($$"""[{"page":{{n}},"item":1},{"page":{{n}},"item":2}]""");
        });
        _app.Map("/cursor", async (HttpContext c) =>
        {
            string cursor = c.Request.Method == "POST" ? await new StreamReader(c.Request.Body).ReadToEndAsync() : c.Request.Query["cursor"].ToString();
            int n = cursor.Length == 0 ? 1 : int.Parse(cursor, CultureInfo.InvariantCulture);
            c.Response.ContentType = "application/json";
            await c.Response.WriteAsync($$"""{"items":["{{n}}"],"next":{{(n < 4 ? n + 1 : "null")}}}""");
        });
        _app.MapGet("/file/{name}", FileAsync);
        _app.MapGet("/download", (HttpContext c, string disposition) =>
        {
            c.Response.Headers.ContentDisposition = disposition;
            return "content";
        });
        _app.MapGet("/download/{**rest}", () => "content");
        _app.MapGet("/random/{n:int}", RandomAsync);
        _app.MapGet("/api/items", (HttpContext c, int? page) =>
        {
            int first = ((page ?? 1) * 3) - 2;
            string next = page == 5 ? "null" : $"\"items?page={(page ?? 1) + 1}\"";
            c.Response.ContentType = "application/json";
            return c.Response.WriteAsync($"{{\"items\":[{first},{first + 1},{first + 2}],\"next\":{next}}}");
        });
        _app.MapGet("/site/{page}", (HttpContext c, string page) =>
        {
            c.Response.ContentType = "text/html; charset=utf-8";
            c.Response.StatusCode = page == "gone" ? 404 : 200;
            return c.Response.WriteAsync(page switch
            {
                "home" => "<p><a href='a'>A</a> <A class=\"x\" HREF=\"b?x=1&amp;y=2#part\">B</A> <a href='home#top'>top</a> <a href='mailto:nobody'>mail</a></p>",
                "a" => $"<a href='/site/b?x=1&y=2'>again</a><a href='{Other}/site/home'>another host</a><a href=\"c\">C</a>",
                "b" => "<a href='gone'>gone</a><a href='home'>back</a>",
                _ => "<p>nothing</p>",
            });
        });
        _app.MapGet("/sitemap/{name}", (HttpContext c, string name) =>
        {
            const string Namespace = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"";
            c.Response.ContentType = "application/xml";
            return c.Response.WriteAsync(name == "index.xml"
                ? $"<?xml version=\"1.0\"?><sitemapindex {Namespace}><sitemap><loc>{Base}/sitemap/1.xml</loc></sitemap><sitemap><loc>{Base}/sitemap/2.xml</loc></sitemap></sitemapindex>"
                : $"<?xml version=\"1.0\"?><urlset {Namespace}><url><loc>{Base}/echo/{name[0]}</loc></url></urlset>");
        });
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        await context.Response.WriteAsJsonAsync(new
        {
            method = context.Request.Method,
            path = context.Request.Path.Value,
            query = context.Request.QueryString.Value,
            protocol = context.Request.Protocol,
            headers = context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()),
            body = Encoding.UTF8.GetString(body.ToArray()),
        });
    }

    /// <summary>As many bytes as asked for, all zero: megabytes in a few kilobytes.</summary>
    private static async Task CompressedAsync(HttpContext context, string encoding, Func<Stream, Stream> compress)
    {
        context.Response.Headers.ContentEncoding = encoding;
        context.Response.ContentType = "text/plain";
        long size = long.Parse(context.Request.Query["size"]!, CultureInfo.InvariantCulture);
        byte[] chunk = new byte[64 * 1024];
        chunk.AsSpan().Fill((byte)'0');
        await using Stream stream = compress(context.Response.Body);
        for (; size > 0; size -= chunk.Length)
        {
            await stream.WriteAsync(chunk.AsMemory(0, (int)Math.Min(size, chunk.Length)), context.RequestAborted);
        }
    }

    /// <summary>A file of the size asked for, with ranges; the first response breaks off when asked to.</summary>
    private async Task FileAsync(HttpContext context)
    {
        int size = int.Parse(context.Request.Query["size"]!, CultureInfo.InvariantCulture);
        string version = Version;
        byte[] content = Content(size, version);
        context.Response.Headers.ETag = $"\"{version}\"";
        context.Response.Headers.AcceptRanges = "bytes";
        int from = 0;
        if (context.Request.Headers.Range.ToString() is { Length: > 0 } range)
        {
            from = int.Parse(range.Split('=', '-')[1], CultureInfo.InvariantCulture);
            if (from >= size)
            {
                context.Response.StatusCode = 416;
                context.Response.Headers.ContentRange = $"bytes */{size}";
                return;
            }

            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{size - 1}/{size}";
        }

        context.Response.Headers["X-From"] = from.ToString(CultureInfo.InvariantCulture);
        context.Response.ContentLength = size - from;
        if (from == 0 && Breaks)
        {
            await context.Response.Body.WriteAsync(content.AsMemory(0, size / 2));
            await context.Response.Body.FlushAsync();
            await Gate.WaitAsync(context.RequestAborted);
            context.Abort();
            return;
        }

        await context.Response.Body.WriteAsync(content.AsMemory(from));
    }

    public static byte[] Content(int size, string version)
    {
        byte[] content = new byte[size];
        for (int i = 0; i < size; i++)
        {
            content[i] = (byte)((i * 31) + version[0]);
        }

        return content;
    }

    /// <summary>Succeeds or fails in a way that the number decides.</summary>
    private static async Task RandomAsync(HttpContext context, int n)
    {
        switch (n % 10)
        {
            case 7:
                context.Response.StatusCode = 500;
                break;
            case 8:
                context.Abort();
                break;
            case 9:
                context.Response.ContentLength = 100;
                await context.Response.WriteAsync("short");
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case 3:
                await Task.Yield();
                await context.Response.WriteAsync($"{n}");
                break;
            default:
                await context.Response.WriteAsync($"{n}");
                break;
        }
    }

    private sealed class Redirection(string to, int code) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = code;
            httpContext.Response.Headers.Location = to;
            return Task.CompletedTask;
        }
    }
}
