using System.Management.Automation;
using System.Text;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

/// <summary>Searches for secrets in everything that a person or a log may see.</summary>
public sealed class SecretTests(TestServer server) : HttpTest(server)
{
    private const string Secret = "s3cr3t";
    private const string Headers = "-Headers @{ Authorization = 'Bearer s3cr3t'; Cookie = 'id=s3cr3t'; 'X-Api-Key' = 's3cr3t' }";

    [Theory]
    [InlineData("$base/status/500?key=s3cr3t", Headers)]
    [InlineData("$base/status/401", "-Authentication Basic -Credential $credential -AllowUnencryptedAuthentication")]
    [InlineData("$base/status/503", "-Authentication Bearer -Token $token -AllowUnencryptedAuthentication -RetryCount 1 -RetryDelay 0.001")]
    [InlineData("http://me:s3cr3t@127.0.0.1:1/", Headers)]
    [InlineData("http://me:s3cr3t@no.such.host.invalid/", Headers)]
    [InlineData("https://me:s3cr3t@no.such.host.invalid/?sig=1", "-HttpVersion 2")]
    [InlineData("ftp://me:s3cr3t@127.0.0.1/", "")]
    [InlineData("http://me:s3cr3t@[bad", "")]
    [InlineData("me:s3cr3t@host", "")]
    [InlineData("http//me:s3cr3t@host", "")]
    [InlineData("$https/echo?key=s3cr3t", Headers)]
    [InlineData("$base/never?key=s3cr3t", Headers + " -ConnectionTimeoutSeconds 0.1")]
    [InlineData("$base/never?key=s3cr3t", Headers + " -ItemTimeout 0.1")]
    [InlineData("$base/stall?key=s3cr3t", Headers + " -OperationTimeoutSeconds 0.1")]
    [InlineData("$base/abort?key=s3cr3t", Headers)]
    [InlineData("$base/redirect?code=302&to=ftp://me:s3cr3t@host/", "")]
    [InlineData("$base/redirect?code=302&to=http://me:s3cr3t@127.0.0.1:1/", "")]
    [InlineData("$base/loop/0?key=s3cr3t", Headers)]
    [InlineData("$base/json?body=nonsense&key=s3cr3t", "-As Json " + Headers)]
    [InlineData("$base/gzip?size=9000&key=s3cr3t", "-MaximumResponseSize 10 " + Headers)]
    [InlineData("$base/echo?key=s3cr3t", "-NextPage { throw 'no' } " + Headers)]
    [InlineData("$base/echo", "-Method 'GET s3cr3t'")]
    public async Task Secrets_are_in_no_error_and_no_verbose_message(string uri, string parameters)
    {
        SetSecrets();

        // A target is the caller's argument, unless it is a secret itself.
        Session.Set(
            "u",
            uri.Replace("$base", Server.Base, StringComparison.Ordinal).Replace("$https", Server.Https, StringComparison.Ordinal));
        ScriptRun run = await Session.RunAsync($"$u | Invoke-Concurrent {parameters} -Verbose");

        Assert.NotEmpty(run.Errors);
        Assert.All(run.Errors, static e => AssertHidden(Describe(e)));
        Assert.All(run.Streams.Verbose, static v => AssertHidden(v.Message));
        if (uri.Contains('@', StringComparison.Ordinal) && !uri.Contains("to=", StringComparison.Ordinal))
        {
            Assert.All(run.Errors, static e => AssertHidden($"{e.Target()}"));
        }
    }

    [Theory]
    [InlineData("@{ \"Authorization`n\" = 's3cr3t' }")]
    [InlineData("@{ Authorization = \"s3cr3t`r`nX: 1\" }")]
    [InlineData("'Authorization: s3cr3t'")]
    public async Task Bad_headers_are_refused_without_their_values(string headers)
    {
        ErrorRecord error = await Session.FailAsync(
            $"$ErrorActionPreference = 'Stop'; Invoke-Concurrent -Uri \"$base/echo\" -Headers {headers}");

        AssertHidden(Describe(error));
    }

    [Fact]
    public async Task Bad_headers_of_rows_are_refused_without_their_values()
    {
        ScriptRun run = await Session.RunAsync(
            "@{ Uri = \"$base/echo\"; Headers = 'Authorization s3cr3t' }, @{ Uri = \"$base/echo\"; Headers = '{ \"Authorization\": "
                + "s3cr3t }' } | Invoke-Concurrent");

        Assert.Equal(2, run.Errors.Count);
        Assert.All(run.Errors, static e => AssertHidden(Describe(e)));
    }

    [Fact]
    public async Task A_session_and_a_result_show_no_secrets_as_text()
    {
        SetSecrets();
        ScriptRun run = await Session.RunAsync($$"""
            $address = "{{Server.Base.Replace("//", "//me:s3cr3t@", StringComparison.Ordinal)}}/cookies/set?key=s3cr3t"
            $r = Invoke-Concurrent -Uri $address -SessionVariable s {{Headers}}
            $s.Headers['Authorization'] = 's3cr3t'
            "$s"; "$r"; $r.ShownUri; "$($r.Uri.UserInfo)"; "$($r.FinalUri.UserInfo)"
            (Invoke-Concurrent -Uri "{{Server.Base.Replace("//", "//me:s3cr3t@", StringComparison.Ordinal)}}/status/500" -AsResult |
                ForEach-Object { "$($_.Input) $($_.Error)" })
            """);

        Assert.Empty(run.Errors);
        Assert.All(run.Output, static o => AssertHidden((string)o!));
    }

    private static string Describe(ErrorRecord error)
    {
        var text = new StringBuilder();
        text
            .Append(error)
            .Append(error.CategoryInfo)
            .Append(error.FullyQualifiedErrorId)
            .Append(error.ErrorDetails)
            .Append(error.ScriptStackTrace);
        for (Exception? exception = error.Exception; exception is not null; exception = exception.InnerException)
        {
            text.Append(exception);
        }

        return text.ToString();
    }

    private static void AssertHidden(string text)
    {
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes("me:" + Secret)), text, StringComparison.Ordinal);
    }

    private void SetSecrets()
    {
        Session.Set("token", Secure.Text(Secret));
        Session.Set("credential", Secure.Credential("me", Secret));
    }
}
