using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace AsyncPs.Tests.Data.Support;

/// <summary>A PostgreSQL server for the length of the tests, on loopback and a free port, in a folder that is removed. Where none is installed, tests are skipped.</summary>
public sealed class PostgreSqlServer : IAsyncLifetime
{
    private const string User = "asyncps";
    private const int Attempts = 5;

    private string? _folder;
    private string? _binaries;
    private string[] _asOther = [];

    /// <summary>How many connections it takes from all.</summary>
    public const int MaxConnections = 30;

    /// <summary>Why there is no server, or null.</summary>
    public string? Missing { get; private set; }

    public int Port { get; private set; }

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Database=postgres;Username={User};Timeout=5";

    public async ValueTask InitializeAsync()
    {
        _binaries = FindBinaries();
        if (_binaries is null)
        {
            Missing = "PostgreSQL is not installed: neither PATH nor /usr/lib/postgresql has initdb.";
            return;
        }

        // It refuses to run as root.
        if (Environment.UserName == "root" && (_asOther = FindOtherUser()).Length == 0)
        {
            Missing = "PostgreSQL does not run as root, and setpriv or a user postgres to run it as are missing.";
            return;
        }

        _folder = Directory.CreateTempSubdirectory("asyncps-postgresql-").FullName;
        if (_asOther.Length > 0)
        {
            await RunAsync("chown", ["postgres", _folder]);
        }

        await RunServerToolAsync("initdb", "-D", Data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        for (int attempt = 1; ; attempt++)
        {
            Port = FreePort();
            try
            {
                await StartAsync();
                return;
            }
            catch (InvalidOperationException) when (attempt < Attempts)
            {
                // Somebody else has taken the port.
            }
        }
    }

    public Task StartAsync() => RunServerToolAsync(
        "pg_ctl", "-D", Data, "-w", "-l", Path.Combine(_folder!, "log"), "start", "-o",
        $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections={MaxConnections} -c deadlock_timeout=20ms");

    /// <summary>As a crash: sessions end where they are.</summary>
    public Task KillAsync() => RunServerToolAsync("pg_ctl", "-D", Data, "-w", "-m", "immediate", "stop");

    public async ValueTask DisposeAsync()
    {
        if (_folder is not null)
        {
            await KillAsync();
            Directory.Delete(_folder, recursive: true);
        }
    }

    private string Data => Path.Combine(_folder!, "data");

    private static string? FindBinaries()
    {
        const string Packages = "/usr/lib/postgresql";
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (Directory.Exists(Packages))
        {
            folders = folders.Concat(Directory.GetDirectories(Packages).OrderDescending(StringComparer.Ordinal).Select(static version => Path.Combine(version, "bin")));
        }

        string suffix = OperatingSystem.IsWindows() ? ".exe" : "";
        return folders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb" + suffix)) && File.Exists(Path.Combine(folder, "pg_ctl" + suffix)));
    }

    private static string[] FindOtherUser()
        => File.Exists("/usr/bin/setpriv") && File.ReadLines("/etc/passwd").Any(static line => line.StartsWith("postgres:", StringComparison.Ordinal))
            ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            : [];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Task RunServerToolAsync(string tool, params string[] arguments)
    {
        string[] command = [.. _asOther, Path.Combine(_binaries!, tool), .. arguments];
        return RunAsync(command[0], command[1..]);
    }

    // The server inherits the streams of what starts it: to wait for their end would be to wait for the server's.
    private static async Task RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        using Process process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}."));
        }
    }
}

/// <summary>Tests on the one server, one at a time: some end it.</summary>
[CollectionDefinition(nameof(PostgreSqlTests))]
public sealed class PostgreSqlTests : ICollectionFixture<PostgreSqlServer>;

/// <summary>A session with <c>$db</c> on the server.</summary>
[Collection(nameof(PostgreSqlTests))]
public abstract class PostgreSqlTest : DataTest
{
    protected PostgreSqlTest(PostgreSqlServer server)
    {
        Assert.SkipWhen(server.Missing is not null, server.Missing ?? "");
        Server = server;
        Session.Set("server", server.ConnectionString);
    }

    protected const string Db = "$global:db = Connect-AsyncDatabase -PostgreSql $server -PoolSize 6\n";

    protected PostgreSqlServer Server { get; }

    protected override void Dispose(bool disposing)
    {
        Session.RunAsync("if ($db) { $db.Dispose() }").GetAwaiter().GetResult();
        base.Dispose(disposing);
    }
}
