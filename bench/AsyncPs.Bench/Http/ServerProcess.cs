using System.Diagnostics;

namespace AsyncPs.Bench.Http;

/// <summary>The server, started when it is first needed; it ends with this process.</summary>
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

    /// <summary>The one that all benchmarks share.</summary>
    public static ServerProcess Shared => Instance.Value;

    /// <summary>Where it speaks HTTP/1.1.</summary>
    public string Http { get; }

    /// <summary>Where it speaks HTTP/2 without TLS.</summary>
    public string Http2 { get; }
}
