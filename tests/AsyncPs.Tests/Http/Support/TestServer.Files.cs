using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AsyncPs.Tests.Http.Support;

/// <content>Files, which can be asked for in part, and downloads with names.</content>
public sealed partial class TestServer
{
    /// <summary>The version of the content of files.</summary>
    public string Version { get; set; } = "1";

    /// <summary>Whether files break off in the middle, after the gate has opened.</summary>
    public bool Breaks { get; set; }

    private void MapFiles()
    {
        _app.MapGet("/file/{name}", FileAsync);
        _app.MapGet("/download", (HttpContext c, string disposition) =>
        {
            c.Response.Headers.ContentDisposition = disposition;
            return "content";
        });
        _app.MapGet("/download/{**rest}", () => "content");
    }

    /// <summary>A file of the requested size, with ranges; the first response breaks off on request.</summary>
    private async Task FileAsync(HttpContext context)
    {
        int size = int.Parse(context.Request.Query["size"]!, CultureInfo.InvariantCulture);
        string version = Version;
        byte[] content = Content(size, version);
        context.Response.Headers.ETag = $"\"{version}\"";
        context.Response.Headers.AcceptRanges = "bytes";
        context.Response.Headers.LastModified = "Wed, 01 Jan 2020 00:00:00 GMT";
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
}
