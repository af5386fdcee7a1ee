using System.Diagnostics;

namespace AsyncPs.Bench.Http;

/// <summary>The server. It starts when it is first needed, and ends with this process.</summary>
internal sealed class ServerProcess
{
    private static readonly Lazy<ServerProcess> Instance = new(static () => new ServerProcess());

    // Kept alive: the server ends when its standard input is closed, even by a finalizer.
    private readonly Process _process = SelfProcess.StartServer();

    private ServerProcess()
    {
        Http = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The server of the benchmarks has not started.");
        Http2 = _process.StandardOutput.ReadLine()!;
    }

    /// <summary>The server of all benchmarks.</summary>
    public static ServerProcess Shared => Instance.Value;

    /// <summary>Its address for HTTP/1.1.</summary>
    public string Http { get; }

    /// <summary>Its address for HTTP/2 without TLS.</summary>
    public string Http2 { get; }
}
