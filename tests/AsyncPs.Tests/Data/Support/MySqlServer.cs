using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Data.Support;

/// <summary>
/// A MariaDB for the length of the tests, on loopback and a free port, in a folder that is removed with it. Where none is installed, tests
/// are skipped.
/// </summary>
public sealed class MySqlServer : IAsyncLifetime
{
    private const int Attempts = 5;
    private static readonly string[] Folders = [
        "/usr/sbin",
        "/usr/bin",
        "/usr/local/bin",
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("asyncps-mariadb-").FullName;
    private Process? _server;

    /// <summary>Why no server can run here, or null.</summary>
    public string? Missing { get; } = OperatingSystem.IsWindows() ? "MariaDB is started for tests on Linux and macOS only."
        : Find("mariadbd") is null || Find("mariadb-install-db") is null
            ? "MariaDB is not installed: PATH and /usr/sbin have no mariadbd and mariadb-install-db."
            : null;

    /// <summary>The connection string; the database is test.</summary>
    public string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (Missing is not null)
        {
            return;
        }

        string data = Path.Combine(_folder, "data");
        await File.WriteAllTextAsync(Path.Combine(_folder, "init"), "create database if not exists test character set utf8mb4;\n");
        using (Process install = Process.Start(new ProcessStartInfo(
            Find("mariadb-install-db")!,
            ["--no-defaults", $"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db", .. AsUser])
            { RedirectStandardOutput = true, RedirectStandardError = true })!)
        {
            Task all = Task.WhenAll(install.StandardOutput.ReadToEndAsync(), install.StandardError.ReadToEndAsync());
            await install.WaitForExitAsync();
            await all;
            Assert.Equal(0, install.ExitCode);
        }

        for (int attempt = 1; !await TryStartAsync(data); attempt++)
        {
            // Another program has taken the port.
            Assert.True(attempt < Attempts, $"MariaDB does not start. {await File.ReadAllTextAsync(Path.Combine(_folder, "log"))}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            _server.Kill();
            await _server.WaitForExitAsync();
            _server.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    // It runs as root only if requested.
    private static string[] AsUser => Environment.UserName == "root" ? ["--user=root"] : [];

    private static string? Find(string program)
        => Array.Find(Folders, folder => File.Exists(Path.Combine(folder, program))) is { } folder ? Path.Combine(folder, program) : null;

    private async Task<bool> TryStartAsync(string data)
    {
        int port = FreePort();
        ConnectionString = $"Server=127.0.0.1;Port={port};User ID=root;Database=test";
        _server = Process.Start(
            Find("mariadbd")!,
            [
                "--no-defaults", .. AsUser, $"--datadir={data}", $"--port={port}", "--bind-address=127.0.0.1", $"--socket={_folder}/s",
                $"--log-error={_folder}/log", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M",
                "--skip-name-resolve", $"--init-file={_folder}/init",
            ]);
        await Condition.UntilAsync(() => _server.HasExited || CanConnect(port), "MariaDB has started");
        if (_server.HasExited)
        {
            _server.Dispose();
            _server = null;
            return false;
        }

        return true;
    }

    private static bool CanConnect(int port)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
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

/// <summary>Tests that share the server.</summary>
[CollectionDefinition(nameof(MySqlTests))]
public sealed class MySqlTests : ICollectionFixture<MySqlServer>;
