using System.Net;
using System.Net.Sockets;
using AsyncPs.Tests.Http;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>examples/scan-ports.ps1 against a server with TLS and one without.</summary>
public sealed class ScanPortsTests : HttpTest
{
    public ScanPortsTests(TestServer server)
        : base(server) => Session.Set("example", Repository.Example("scan-ports.ps1"));

    [Fact]
    public async Task Open_ports_are_found_and_certificates_are_read()
    {
        int plain = new Uri(Server.Base).Port;
        int secure = new Uri(Server.Https).Port;
        Session.Set("ports", new[] { Closed(), plain, secure });

        ScriptRun run = await Session.RunAsync(
            "& $example 127.0.0.1 -Port $ports -Certificate -TimeoutSeconds 20 | ForEach-Object { \"$($_.Port) $($_.Subject) "
                + "$($_.DaysLeft -ge 0)\" }");

        Assert.Empty(run.Errors);
        string[] expected = [$"{plain}  False", $"{secure} CN=127.0.0.1 True"];
        Assert.Equal(expected.Order(StringComparer.Ordinal), run.Output.Cast<string>().Order(StringComparer.Ordinal));
    }

    // The port is bound, so that no other program gets it, but nothing listens on it.
    private static int Closed()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
