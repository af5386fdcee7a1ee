using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http.Support;

/// <summary>A private nginx, on free ports of loopback, if it is installed.</summary>
public sealed class NginxServer : IAsyncLifetime
{
    public const int Lines = 2000;
    public const int TextLength = Lines * 10;

    private readonly TempFolder _folder = new("asyncps-nginx-");
    private readonly string? _program = Array.Find(
        ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx", "/opt/homebrew/bin/nginx"],
        File.Exists);
    private readonly Dictionary<string, int> _ports = new() { ["http"] = FreePort(), ["h2c"] = FreePort(), ["https"] = FreePort() };
    private Process? _process;

    public string LargeFile => _folder["www", "large.bin"];

    /// <summary>The address for http, https, or h2c: HTTP/2 without TLS.</summary>
    public string Address(string scheme) => $"{(scheme == "https" ? "https" : "http")}://127.0.0.1:{_ports[scheme]}";

    public void SkipIfMissing() => Assert.SkipWhen(_program is null, "nginx is not installed.");

    public async ValueTask InitializeAsync()
    {
        if (_program is null)
        {
            return;
        }

        Directory.CreateDirectory(_folder["www"]);
        await File.WriteAllTextAsync(_folder["www", "text.txt"], string.Concat(Enumerable.Range(0, Lines).Select(n => $"line {n:0000}\n")));
        byte[] large = new byte[500_000];
        new Random(1).NextBytes(large);
        await File.WriteAllBytesAsync(LargeFile, large);
        using (X509Certificate2 certificate = TestServer.SelfSigned("CN=127.0.0.1"))
        {
            await File.WriteAllTextAsync(_folder["certificate.pem"], certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(_folder["key.pem"], certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        }

        await File.WriteAllTextAsync(_folder["nginx.conf"], $$"""
            daemon off;
            master_process off;
            pid {{_folder.Path}}/pid;
            error_log {{_folder.Path}}/error.log;
            events { }
            http {
                access_log off;
                client_body_temp_path {{_folder.Path}}/body;
                proxy_temp_path {{_folder.Path}}/proxy;
                fastcgi_temp_path {{_folder.Path}}/fastcgi;
                uwsgi_temp_path {{_folder.Path}}/uwsgi;
                scgi_temp_path {{_folder.Path}}/scgi;
                types { text/plain txt; }
                gzip on;
                gzip_types text/plain;
                root {{_folder.Path}}/www;
                server {
                    listen 127.0.0.1:{{_ports["http"]}};
                    listen 127.0.0.1:{{_ports["h2c"]}} http2;
                    listen 127.0.0.1:{{_ports["https"]}} ssl http2;
                    ssl_certificate {{_folder.Path}}/certificate.pem;
                    ssl_certificate_key {{_folder.Path}}/key.pem;
                    location = /moved { return 301 /text.txt; }
                    location = /busy { add_header Retry-After 7 always; return 503; }
                }
            }
            """);
        _process = Process.Start(new ProcessStartInfo(
            _program,
            ["-p", _folder.Path, "-c", _folder["nginx.conf"]]) { RedirectStandardError = true })!;
        await Condition.UntilAsync(Answers, "nginx answers");
    }

    public ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }

        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private bool Answers()
    {
        if (_process!.HasExited)
        {
            throw new InvalidOperationException("nginx has not started: " + _process.StandardError.ReadToEnd());
        }

        try
        {
            using var client = new TcpClient("127.0.0.1", _ports["https"]);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
