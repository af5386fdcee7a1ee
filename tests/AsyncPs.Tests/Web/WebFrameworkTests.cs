using System.Net;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AsyncPs.Isolation;
using AsyncPs.Tests.Support;
using AsyncPs.Web.Hosting;
using Xunit;

namespace AsyncPs.Tests.Web;

/// <summary>Which web framework is loaded.</summary>
public sealed class WebFrameworkTests : IDisposable
{
    private const string Probe = "Microsoft.AspNetCore.Server.Kestrel.Core.dll";

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [
        InlineData(
            "a/shared/Microsoft.AspNetCore.App/10.0.2;a/shared/Microsoft.AspNetCore.App/10.0.10;shipped",
            "a/shared/Microsoft.AspNetCore.App/10.0.10")
    ]
    [InlineData(
        "a/shared/Microsoft.AspNetCore.App/9.0.2;a/shared/Microsoft.AspNetCore.App/11.0.0;a/shared/Microsoft.AspNetCore.App/10.1.0;shipped",
        "shipped")]
    [InlineData("a/shared/Microsoft.AspNetCore.App/10.0.0-rc.1;shipped", "shipped")]
    [InlineData("b/shared/Microsoft.AspNetCore.App/10.0.3;shipped", "b/shared/Microsoft.AspNetCore.App/10.0.3")]
    [
        InlineData(
            "b/shared/Microsoft.AspNetCore.App/10.0.3;a/shared/Microsoft.AspNetCore.App/10.0.1",
            "a/shared/Microsoft.AspNetCore.App/10.0.1")
    ]
    [InlineData("", null)]
    public void The_newest_of_the_runtimes_version_beside_it_then_of_an_installation_then_what_ships(string there, string? found)
    {
        foreach (string folder in there.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            Directory.CreateDirectory(_folder[folder]);
            File.WriteAllText(_folder[folder, Probe], "");
        }

        string? path = WebFramework.Find(
            _folder["a/shared/Microsoft.NETCore.App/10.0.1"] + "/",
            _folder["shipped"],
            new Version(10, 0, 1),
            [_folder["nowhere"], _folder["b"]]);

        Assert.Equal(found is null ? null : _folder[found], path);
    }

    [Fact]
    public async Task Nothing_of_it_is_loaded_before_it_is_needed_nor_into_the_default_context()
    {
        ChildResult result = await ChildProcess.RunPowerShellAsync("-Command", $$"""
            $env:PSModulePath = '{{Path.GetDirectoryName(BuiltModule.Folder)}}' + [IO.Path]::PathSeparator + $env:PSModulePath
            Import-Module AsyncPs.Web
            function Loaded {
                $loaded = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -like 'Microsoft.AspNetCore.*' }
                $names = $loaded | ForEach-Object { [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name }
                @($names | Sort-Object -Unique) -join ','
            }
            $route = New-AsyncRoute GET / { 'ok' }
            "before: $(Loaded)"
            (Invoke-AsyncRoute $route GET /).Text
            "after: $(Loaded)"
            """);

        Assert.True(result.ExitCode == 0 && result.Error.Length == 0, result.Output + result.Error);
        Assert.Equal("before: \nok\nafter: AsyncPs.Web dependencies", result.Output.Trim());
    }

    [Fact]
    public async Task What_ships_serves_all_that_the_module_uses()
    {
        string dependencies = Path.Combine(BuiltModule.WebFolder, "dependencies");
        string platform = NativeLibraries.Platform(RuntimeInformation.RuntimeIdentifier, RuntimeInformation.ProcessArchitecture);
        await File.WriteAllTextAsync(_folder["a.txt"], new string('a', 5000), Token);
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 self = request.CreateSelfSigned(DateTimeOffset.Now.AddDays(-1), DateTimeOffset.Now.AddDays(1));
        using X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12(self.Export(X509ContentType.Pfx), null);
        string hash = certificate.GetCertHashString();
        var options = new ServerOptions
        {
            Addresses = [IPAddress.Loopback],
            Certificate = certificate,
            AllowedHosts = ["127.0.0.1"],
            CorsOrigins = ["https://a.example"],
            Compresses = true,
            RateLimit = 10_000,
        };
        WebEndpoint[] endpoints =
        [
            new(["POST"], "/form", async exchange =>
            {
                FormBody form = await exchange.ReadFormAsync(exchange.Aborted);
                exchange.SetHeader("Content-Type", "text/plain");
                await exchange.WriteAsync(Encoding.UTF8.GetBytes($"{form.Fields["a"][0]} {form.Files[0].Name}"), exchange.Aborted);
            }),
            new(
                ["POST"],
                "/body/{N:int}/{R:regex(^x)}",
                async exchange => await exchange.WriteAsync(
                    Encoding.UTF8.GetBytes($"{(await exchange.BufferBodyAsync(exchange.Aborted)).Length}"),
                    exchange.Aborted)),
            new(["GET"], "/file", exchange => exchange.SendFileAsync(new FileInfo(_folder["a.txt"]), null, null)),
            new(["GET"], "/files/{**File}", exchange => exchange.SendFolderFileAsync()) { Folder = _folder.Path },
            new(["GET"], "/socket", async exchange =>
            {
                using WebSocket socket = await exchange.AcceptWebSocketAsync(null);
                await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, Token);
            }),
        ];
        await using IWebServer server =
            WebFramework.Load(dependencies, Path.Combine(dependencies, "framework", platform)).Create(options, endpoints);
        Assert.Equal(
            Path.Combine(dependencies, "framework", platform),
            Path.GetDirectoryName(
                AssemblyLoadContext.GetLoadContext(server.GetType().Assembly)!.Assemblies.Single(
                    static assembly => assembly.GetName().Name == "Microsoft.AspNetCore.Routing").Location));
        await server.StartAsync(Token);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == hash },
        }) { BaseAddress = new Uri(server.Addresses[0]), DefaultRequestVersion = HttpVersion.Version20 };
        client.DefaultRequestHeaders.Add("Origin", "https://a.example");

        using var form = new MultipartFormDataContent { { new StringContent("b"), "a" }, { new ByteArrayContent([1]), "f", "f.bin" } };
        Assert.Equal("b f.bin", await (await client.PostAsync("form", form, Token)).Content.ReadAsStringAsync(Token));
        Assert.Equal(
            "100000",
            await (await client.PostAsync("body/1/x", new ByteArrayContent(new byte[100_000]), Token)).Content.ReadAsStringAsync(Token));
        Assert.Equal(5000, (await client.GetStringAsync("file", Token)).Length);
        Assert.Equal(5000, (await client.GetStringAsync("files/a.txt", Token)).Length);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("body", Token)).StatusCode);
        using var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == hash;
        await socket.ConnectAsync(new Uri(server.Addresses[0].Replace("https:", "wss:", StringComparison.Ordinal) + "socket"), Token);
        byte[] buffer = new byte[10];
        Assert.Equal(5, (await socket.ReceiveAsync(buffer, Token)).Count);
        await server.StopAsync(Token);
    }

    [Fact]
    public void What_ships_is_whole_for_each_platform()
    {
        string[] platforms = Directory.GetDirectories(Path.Combine(BuiltModule.WebFolder, "dependencies", "framework"));

        Assert.Equal(
            ["linux-arm64", "linux-musl-x64", "linux-x64", "osx-arm64", "osx-x64", "win-x64"],
            platforms.Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Single(
            platforms.Select(
                static path => string.Join(
                    ';',
                    Directory.GetFiles(path).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal)))
                .Distinct());
        Assert.All(
            platforms,
            static path => Assert.True(File.Exists(Path.Combine(path, "LICENSE.txt")) && File.Exists(Path.Combine(path, Probe)), path));
    }

    public void Dispose() => _folder.Dispose();
}
