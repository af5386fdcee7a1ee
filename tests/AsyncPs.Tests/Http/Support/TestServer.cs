using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AsyncPs.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace AsyncPs.Tests.Http.Support;

/// <summary>A real web server on loopback, with all kinds of behavior that clients must handle.</summary>
public sealed partial class TestServer : IAsyncLifetime
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _flaky = new();
    private Highest _highest = new();
    private int _requests;
    private int _running;

    public TestServer()
    {
        Examples = new ExampleEndpoints(this);
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

    /// <summary>HTTP/1.1 and 2 with an untrusted certificate.</summary>
    public string Https { get; private set; } = "";

    public int Requests => Volatile.Read(ref _requests);

    public int Running => Volatile.Read(ref _running);

    /// <summary>The largest number of concurrent requests since the last <see cref="ForgetHighest"/>.</summary>
    public int Highest => _highest.Value;

    /// <summary>The web sockets below /ws.</summary>
    public WebSocketEndpoints WebSockets { get; } = new();

    /// <summary>The endpoints of the examples.</summary>
    public ExampleEndpoints Examples { get; }

    /// <summary>Opens the gate for responses of /gated and for files that break off.</summary>
    public SemaphoreSlim Gate { get; } = new(0);

    public void ForgetHighest() => _highest = new Highest();

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

    /// <summary>An untrusted certificate.</summary>
    public static X509Certificate2 SelfSigned(string subject)
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }
}
