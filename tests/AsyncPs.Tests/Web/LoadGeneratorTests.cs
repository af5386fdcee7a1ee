using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AsyncPs.Tests.Support;
using AsyncPs.Web;
using Xunit;

namespace AsyncPs.Tests.Web;

/// <summary>Programs that send as many requests as they can. Where one is not installed, its test is skipped.</summary>
public sealed class LoadGeneratorTests : WebTest
{
    private const string Routes = "New-AsyncRoute GET '/items/{Id}' { param([ValidateRange(1, 100)][int] $Id) @{ id = $Id } }";

    private readonly TempFolder _folder = new("asyncps-generators-");

    [Fact]
    public async Task H2load_gets_every_answer_over_HTTP_2_with_many_streams_in_a_connection()
    {
        Assert.SkipUnless(IsInstalled("h2load"), "h2load is not installed.");
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.Now.AddDays(-1), DateTimeOffset.Now.AddDays(1));
        await File.WriteAllTextAsync(
            _folder["server.pem"],
            certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem(),
            Token);
        Session.Set("folder", _folder.Path);
        AsyncServer server = await StartAsync(Routes, "-Certificate $folder/server.pem");

        ChildResult result = await ChildProcess.RunAsync(
            "h2load", "-n", "2000", "-c", "8", "-m", "16", "-t", "1", UriOf(server, "/items/7"));

        Assert.Contains("Application protocol: h2", result.Output, StringComparison.Ordinal);
        Assert.Contains(
            "2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout",
            result.Output,
            StringComparison.Ordinal);
        Assert.Contains("status codes: 2000 2xx, 0 3xx, 0 4xx, 0 5xx", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrk_gets_answers_over_many_connections_and_no_failures()
    {
        Assert.SkipUnless(IsInstalled("wrk"), "wrk is not installed.");
        AsyncServer server = await StartAsync(Routes);

        ChildResult result = await ChildProcess.RunAsync(
            "wrk", "-c", "64", "-t", "1", "-d", "2s", "--timeout", "60s", UriOf(server, "/items/7"));

        Assert.Contains("requests in", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Non-2xx", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Socket errors", result.Output, StringComparison.Ordinal);
    }

    protected override void Clean() => _folder.Dispose();

    private static bool IsInstalled(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));
}
