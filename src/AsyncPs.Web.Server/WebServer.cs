using System.Net;
using System.Net.Sockets;
using AsyncPs.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AsyncPs.Web.Server;

/// <summary>A server of the web framework. It is configured here alone; nothing is read from files or the environment.</summary>
internal sealed class WebServer : IWebServer
{
    private readonly WebApplication _app;
    private readonly DirectServer? _direct;
    private readonly ServerOptions _options;

    /// <summary>Creates a server.</summary>
    /// <exception cref="ConcurrentArgumentException">An option or a path is wrong.</exception>
    public WebServer(ServerOptions options, IReadOnlyList<WebEndpoint> endpoints)
    {
        _options = options;
        WebApplicationBuilder builder =
            WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        if (options.Addresses.Count == 0 && options.UnixSocket is null)
        {
            builder.Services.AddSingleton<IServer>(_direct = new DirectServer());
        }
        else
        {
            builder.WebHost.UseKestrelCore();
            if (options.Certificate is not null)
            {
                builder.WebHost.UseKestrelHttpsConfiguration();
            }

            builder.WebHost.ConfigureKestrel(Configure);
        }

        RequestPipeline.AddServices(builder.Services, options);
        _app = builder.Build();
        RequestPipeline.Build(_app, options, endpoints);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Addresses { get; private set; } = [];

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        RemoveStaleSocket();
        try
        {
            await _app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is AddressInUseException or SocketException or UnauthorizedAccessException)
        {
            throw new IOException(e.Message, e);
        }

        Addresses = [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.Select(Shown) ?? []];
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<DirectAnswer> SendAsync(DirectRequest request, CancellationToken cancellationToken)
        => _direct!.SendAsync(request, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _app.DisposeAsync().ConfigureAwait(false);

    private static string Shown(string address)
        => address.StartsWith("http://unix:", StringComparison.Ordinal) ? address["http://".Length..] : address.TrimEnd('/') + "/";

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = _options.MaximumBodySize;
        kestrel.Limits.MaxConcurrentConnections = kestrel.Limits.MaxConcurrentUpgradedConnections = _options.MaximumConnections;
        kestrel.Limits.RequestHeadersTimeout = _options.HeadersTimeout;
        foreach (IPAddress address in _options.Addresses)
        {
            if (address.Equals(IPAddress.IPv6Any))
            {
                kestrel.ListenAnyIP(_options.Port, Configure);
            }
            else
            {
                kestrel.Listen(address, _options.Port, Configure);
            }
        }

        if (_options.UnixSocket is { } path)
        {
            kestrel.ListenUnixSocket(path, static listen => listen.Protocols = HttpProtocols.Http1);
        }
    }

    private void Configure(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        if (_options.Certificate is { } certificate)
        {
            // TLS negotiates the version.
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(certificate);
        }
    }

    // Left behind by a server that was killed, so that nothing answers there.
    private void RemoveStaleSocket()
    {
        if (_options.UnixSocket is not { } path || new FileInfo(path) is not { Exists: true, Length: 0 })
        {
            return;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
    }
}
