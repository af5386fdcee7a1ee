using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AsyncPs.Tests.Http.Support;

/// <content>Responses of every kind.</content>
public sealed partial class TestServer
{
    private void Map()
    {
        WebSockets.Map(_app);
        Examples.Map(_app);
        MapFiles();
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
        _app.MapGet(
            "/lines/{count:int}",
            (HttpContext c, int count) => c.Response.WriteAsync(
                string.Concat(Enumerable.Range(1, count).Select(n => $"{n} {new string('x', 200)}\n"))
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
                c.Response.Headers.Append(
                    "Link",
                    $"</pages/1?of={of}>; rel=\"first\", </pages/{n + 1}?of={of}>; title=\"a, b; c\"; rel=\"up next\"");
            }

            c.Response.ContentType = "application/json";
            return c.Response.WriteAsync($$"""[{"page":{{n}},"item":1},{"page":{{n}},"item":2}]""");
        });
        _app.Map("/cursor", async (HttpContext c) =>
        {
            string cursor = c.Request.Method == "POST"
                ? await new StreamReader(c.Request.Body).ReadToEndAsync()
                : c.Request.Query["cursor"].ToString();
            int n = cursor.Length == 0 ? 1 : int.Parse(cursor, CultureInfo.InvariantCulture);
            c.Response.ContentType = "application/json";
            await c.Response.WriteAsync($$"""{"items":["{{n}}"],"next":{{(n < 4 ? n + 1 : "null")}}}""");
        });
        _app.MapGet("/linked", (HttpContext c, string? next) =>
        {
            c.Response.Headers.Link = next is null ? default : $"<{next}>; rel=next";
            return "linked";
        });
        _app.MapGet("/random/{n:int}", RandomAsync);
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

    /// <summary>The requested number of zero bytes: megabytes in a few kilobytes.</summary>
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

    /// <summary>Succeeds or fails as the number determines.</summary>
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
