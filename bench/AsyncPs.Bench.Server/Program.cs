using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AsyncPs.Bench.Server;

/// <summary>The server for all clients, in its own process. It ends when its standard input is closed.</summary>
internal static class Program
{
    private static readonly byte[] Body =
        "{\"id\":42,\"name\":\"a small answer, as many are\",\"tags\":[\"one\",\"two\",\"three\"],\"ok\":true}"u8.ToArray();

    private static int s_waiting;

    /// <summary>Serves until its standard input is closed. Writes its two addresses first: HTTP/1.1, HTTP/2 without TLS.</summary>
    public static void Main()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Limits.Http2.MaxStreamsPerConnection = 256;
        });
        WebApplication app = builder.Build();

        // No routes, so that nearly all the time is the client's.
        app.Run(static context => context.Request.Path.Value switch
        {
            "/never" => WaitAsync(context.RequestAborted),
            "/waiting" => context.Response.WriteAsync($"{Volatile.Read(ref s_waiting)}"),
            _ => AnswerAsync(context.Response),
        });
        app.StartAsync().GetAwaiter().GetResult();
        foreach (string address in app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses)
        {
            Console.WriteLine(address);
        }

        Console.In.ReadToEnd();
    }

    private static async Task WaitAsync(CancellationToken aborted)
    {
        Interlocked.Increment(ref s_waiting);
        try
        {
            await Task.Delay(Timeout.Infinite, aborted);
        }
        finally
        {
            Interlocked.Decrement(ref s_waiting);
        }
    }

    private static Task AnswerAsync(HttpResponse response)
    {
        response.ContentType = "application/json";
        response.ContentLength = Body.Length;
        return response.Body.WriteAsync(Body).AsTask();
    }
}
