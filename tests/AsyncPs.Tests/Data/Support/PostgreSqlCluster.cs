using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AsyncPs.Tests.Data.Support;

/// <summary>A private PostgreSQL server, on loopback and a free port, in a folder that is removed with it.</summary>
public sealed class PostgreSqlCluster : IAsyncDisposable
{
    /// <summary>The user, who has no password.</summary>
    public const string User = "asyncps";

    private const int Attempts = 5;

    private readonly string _binaries;
    private readonly string[] _asOther;
    private readonly string _settings;
    private readonly string _folder = Directory.CreateTempSubdirectory("asyncps-postgresql-").FullName;

    private PostgreSqlCluster(string binaries, string[] asOther, string settings)
    {
        _binaries = binaries;
        _asOther = asOther;
        _settings = settings;
    }

    /// <summary>Its port.</summary>
    public int Port { get; private set; }

    /// <summary>The connection string for Npgsql.</summary>
    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Database=postgres;Username={User};Timeout=5";

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Why no server can run here, or null.</summary>
    public static string? FindMissing()
        => FindBinaries() is null ? "PostgreSQL is not installed: neither PATH nor /usr/lib/postgresql has initdb."
            : MustBeOther && FindOtherUser().Length == 0
                ? "PostgreSQL does not run as root, and setpriv or a user postgres to run it as are missing."
                : null;

    /// <summary>Creates a server and starts it.</summary>
    /// <param name="settings">Settings, as arguments of the server.</param>
    public static async Task<PostgreSqlCluster> CreateAsync(string settings)
    {
        var cluster = new PostgreSqlCluster(FindBinaries()!, MustBeOther ? FindOtherUser() : [], settings);
        try
        {
            await cluster.CreateAsync();
            return cluster;
        }
        catch
        {
            Directory.Delete(cluster._folder, recursive: true);
            throw;
        }
    }

    /// <summary>Starts it again after a stop.</summary>
    public Task StartAsync() => RunServerToolAsync(
        "pg_ctl",
        "-D",
        Data,
        "-w",
        "-l",
        Path.Combine(_folder, "log"),
        "start",
        "-o",
        $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= {_settings}");

    /// <summary>Crashes it: sessions end at once.</summary>
    public Task KillAsync() => RunServerToolAsync("pg_ctl", "-D", Data, "-w", "-m", "immediate", "stop");

    /// <summary>Stops it and removes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // It refuses to run as root.
    private static bool MustBeOther => Environment.UserName == "root";

    private async Task CreateAsync()
    {
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
                // Another program has taken the port.
            }
        }
    }

    private static string? FindBinaries()
    {
        const string Packages = "/usr/lib/postgresql";
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (Directory.Exists(Packages))
        {
            folders = folders.Concat(Directory
                .GetDirectories(Packages)
                .OrderDescending(StringComparer.Ordinal)
                .Select(static version => Path.Combine(version, "bin")));
        }

        string suffix = OperatingSystem.IsWindows() ? ".exe" : "";
        return folders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb" + suffix))
            && File.Exists(Path.Combine(folder, "pg_ctl" + suffix)));
    }

    private static string[] FindOtherUser()
        => File.Exists("/usr/bin/setpriv")
            && File.ReadLines("/etc/passwd").Any(static line => line.StartsWith("postgres:", StringComparison.Ordinal))
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

    // The server inherits the streams of its parent. Waiting for their end would mean waiting for the server's end.
    private static async Task RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(
            program,
            arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        using Process process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}."));
        }
    }
}
