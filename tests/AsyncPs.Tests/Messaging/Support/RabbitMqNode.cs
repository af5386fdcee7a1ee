using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace AsyncPs.Tests.Messaging.Support;

/// <summary>
/// A private RabbitMQ, on loopback and free ports, in a folder that is removed with it. It touches no other broker on the machine and
/// leaves nothing behind.
/// </summary>
public sealed class RabbitMqNode : IAsyncDisposable
{
    private const string Library = "/usr/lib/rabbitmq/lib";
    private const int Attempts = 5;
    private static readonly TimeSpan StartTime = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("asyncps-rabbitmq-").FullName;
    private readonly string _name = $"asyncps{Environment.ProcessId}n{Guid.NewGuid().ToString("N")[..8]}@localhost";
    private int _distribution;
    private int _mapper;
    private Process? _server;

    private RabbitMqNode()
    {
    }

    /// <summary>The user without the permission to create queues, and its password.</summary>
    public const string LimitedUser = "limited";

    public const string LimitedPassword = "s3cret-of-limited";

    /// <summary>Queues with this prefix accept only two messages.</summary>
    public const string FullPrefix = "full-";

    public int Port { get; private set; }

    public int TlsPort { get; private set; }

    public string Address => $"amqp://127.0.0.1:{Port}";

    /// <summary>Why no broker can run here, or null.</summary>
    public static string? FindMissing() => OperatingSystem.IsWindows() ? "RabbitMQ is started for tests on Linux only."
        : FindServer() is null ? $"RabbitMQ is not installed: {Library} has no rabbitmq_server-*/sbin/rabbitmq-server."
        : null;

    public static async Task<RabbitMqNode> CreateAsync()
    {
        var node = new RabbitMqNode();
        try
        {
            node.WriteCertificate();
            for (int attempt = 1; ; attempt++)
            {
                // Another program may take a port before the broker does.
                node.ChoosePorts();
                if (await node.TryStartAsync())
                {
                    return node;
                }

                if (attempt == Attempts)
                {
                    throw new InvalidOperationException($"RabbitMQ does not start. {node.ReadLog()}");
                }
            }
        }
        catch (Exception)
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again with its files, as after a crash.</summary>
    public async Task StartAsync()
    {
        if (!await TryStartAsync())
        {
            throw new InvalidOperationException($"RabbitMQ does not start again. {ReadLog()}");
        }
    }

    /// <summary>Crashes it.</summary>
    public async Task KillAsync()
    {
        if (_server is not null)
        {
            _server.Kill(entireProcessTree: true);
            await _server.WaitForExitAsync();
            _server.Dispose();
            _server = null;
        }
    }

    /// <summary>Controls the broker, as <c>rabbitmqctl</c> does.</summary>
    public async Task ControlAsync(string command)
    {
        ProcessStartInfo start = StartInfo("rabbitmqctl", command + " 2>&1");
        start.RedirectStandardOutput = true;
        using Process control = Process.Start(start)!;
        string said = await control.StandardOutput.ReadToEndAsync();
        await control.WaitForExitAsync();
        if (control.ExitCode != 0)
        {
            throw new InvalidOperationException($"rabbitmqctl {command}: {said}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await EndMapperAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string? FindServer() => !Directory.Exists(Library) ? null
        : Directory.GetDirectories(Library, "rabbitmq_server-*").Select(static home => Path.Combine(home, "sbin", "rabbitmq-server"))
            .FirstOrDefault(File.Exists);

    private void ChoosePorts()
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, 4).Select(static _ => new TcpListener(IPAddress.Loopback, 0))];
        Array.ForEach(listeners, static listener => listener.Start());
        int[] ports = [.. listeners.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        Array.ForEach(listeners, static listener => listener.Stop());
        (Port, TlsPort, _distribution, _mapper) = (ports[0], ports[1], ports[2], ports[3]);
        File.WriteAllText(Path.Combine(_folder, "rabbitmq.conf"), $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            listeners.ssl.1 = 127.0.0.1:{TlsPort}
            ssl_options.certfile = {_folder}/cert.pem
            ssl_options.keyfile = {_folder}/key.pem
            ssl_options.verify = verify_none
            ssl_options.fail_if_no_peer_cert = false
            load_definitions = {_folder}/definitions.json
            disk_free_limit.absolute = 1MB
            log.console = true
            log.console.level = warning
            log.file = false

            """);
        File.WriteAllText(Path.Combine(_folder, "definitions.json"), $$"""
            {
              "users": [
                { "name": "guest", "password": "guest", "tags": "administrator" },
                { "name": "{{LimitedUser}}", "password": "{{LimitedPassword}}", "tags": "" }
              ],
              "vhosts": [{ "name": "/" }, { "name": "second" }],
              "permissions": [
                { "user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*" },
                { "user": "guest", "vhost": "second", "configure": ".*", "write": ".*", "read": ".*" },
                { "user": "{{LimitedUser}}", "vhost": "/", "configure": "^mine", "write": "^mine", "read": "^mine" }
              ],
              "policies": [
                { "vhost": "/", "name": "full", "pattern": "^{{FullPrefix}}", "apply-to": "queues",
                  "definition": { "max-length": 2, "overflow": "reject-publish" }, "priority": 0 }
              ]
            }
            """);
    }

    private ProcessStartInfo StartInfo(string program, string command)
    {
        string server = FindServer()!;
        string home = Path.GetDirectoryName(Path.GetDirectoryName(server))!;
        string path = Path.Combine(Path.GetDirectoryName(server)!, program);
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec '{path}' {command} < /dev/null"]);
        foreach (string name in start.Environment.Keys.Where(static name
            => name.StartsWith("RABBITMQ_", StringComparison.Ordinal) || name.StartsWith("ERL_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        (string Name, string Value)[] environment =
        [
            ("HOME", _folder), ("RABBITMQ_HOME", home), ("RABBITMQ_BASE", _folder), ("RABBITMQ_NODENAME", _name),
            ("RABBITMQ_MNESIA_BASE", Path.Combine(_folder, "data")), ("RABBITMQ_LOG_BASE", Path.Combine(_folder, "logs")),
            ("RABBITMQ_CONFIG_FILE", Path.Combine(_folder, "rabbitmq.conf")), ("RABBITMQ_CONF_ENV_FILE", Path.Combine(_folder, "none")),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(_folder, "plugins")), ("RABBITMQ_DIST_PORT", $"{_distribution}"),
            ("ERL_EPMD_PORT", $"{_mapper}"), ("ERL_EPMD_ADDRESS", "127.0.0.1"), ("ERL_CRASH_DUMP_SECONDS", "0"),
            ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+S 2:2 -kernel inet_dist_use_interface {127,0,0,1}"),
        ];
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private async Task<bool> TryStartAsync()
    {
        File.WriteAllText(Path.Combine(_folder, "plugins"), "[].\n");
        _server = Process.Start(StartInfo("rabbitmq-server", $">> '{_folder}/log' 2>&1"))!;
        long begun = Stopwatch.GetTimestamp();
        while (!_server.HasExited && Stopwatch.GetElapsedTime(begun) < StartTime)
        {
            if (await AnswersAsync(Port) && await AnswersAsync(TlsPort))
            {
                return true;
            }

            await Task.Delay(50);
        }

        await KillAsync();
        return false;
    }

    // A broker answers any other protocol with AMQP and its version.
    private static async Task<bool> AnswersAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // The daemon that Erlang starts with the first node. It ends when no node is registered any more.
    private async Task EndMapperAsync()
    {
        for (int attempt = 0; attempt < 100 && _mapper != 0 && await AnswersAsync(_mapper); attempt++)
        {
            try
            {
                var start = new ProcessStartInfo(
                    "epmd", ["-port", $"{_mapper}", "-kill"]) { RedirectStandardOutput = true, RedirectStandardError = true };
                using Process kill = Process.Start(start)!;
                await Task.WhenAll(kill.StandardOutput.ReadToEndAsync(), kill.StandardError.ReadToEndAsync(), kill.WaitForExitAsync());
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return;
            }

            await Task.Delay(50);
        }
    }

    private string ReadLog()
    {
        string log = Path.Combine(_folder, "log");
        return File.Exists(log) ? File.ReadAllText(log) : "";
    }

    // A self-signed certificate, which is not trusted.
    private void WriteCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(Path.Combine(_folder, "cert.pem"), certificate.ExportCertificatePem(), Encoding.ASCII);
        File.WriteAllText(Path.Combine(_folder, "key.pem"), key.ExportPkcs8PrivateKeyPem(), Encoding.ASCII);
    }
}
