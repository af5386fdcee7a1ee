using System.Collections;
using System.Net;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using AsyncPs.Commands.Parameters;
using AsyncPs.Http;
using AsyncPs.Http.Requests;

namespace AsyncPs.Commands.Base;

/// <content>The parameters of credentials and sessions.</content>
public abstract partial class HttpCommand
{
    /// <summary>How the requests authenticate. Default: not at all.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public AuthenticationScheme Authentication { get; set; }

    /// <summary>
    /// User name and password, for <c>-Authentication Basic</c> or for servers that ask (Negotiate, NTLM, Digest, Basic).
    /// </summary>
    [Parameter(ParameterSetName = UriSet)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>The token for <c>-Authentication Bearer</c> or <c>OAuth</c>.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SecureString? Token { get; set; }

    /// <summary>Sends the credentials of <c>-Authentication</c> even without TLS.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter AllowUnencryptedAuthentication { get; set; }

    /// <summary>Logs in as the current user where servers ask.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter UseDefaultCredentials { get; set; }

    /// <summary>The certificate for servers that ask for one.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>Cookies and headers shared between calls: an <see cref="HttpSession"/>, or the session of Invoke-WebRequest.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(VariableCompleter<HttpSession>))]
    public object? WebSession { get; set; }

    /// <summary>The name of a variable that receives a new session.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Alias("SV")]
    [ValidateNotNullOrEmpty]
    public string? SessionVariable { get; set; }

    private HttpSession ReadSession()
    {
        if (SessionVariable is not null)
        {
            var made = new HttpSession();
            SessionState.PSVariable.Set(SessionVariable, made);
            return made;
        }

        if (WebSession is null)
        {
            return new HttpSession();
        }

        if (PSObjectExtensions.UnwrapUnlessCustom(WebSession) is HttpSession own)
        {
            return own;
        }

        PSObject other = PSObject.AsPSObject(WebSession);
        if (other.Properties["Cookies"]?.Value is not CookieContainer cookies)
        {
            throw HttpErrors.HttpArgumentInvalid(
                "-WebSession takes a session: one of -SessionVariable, of [AsyncPs.Http.HttpSession]::new(), or of Invoke-WebRequest.");
        }

        var session = new HttpSession(cookies) { UserAgent = other.Properties["UserAgent"]?.Value as string };
        foreach (DictionaryEntry header in RequestTemplate.AsFields(other.Properties["Headers"]?.Value) ?? new Hashtable())
        {
            session.Headers[header.Key.ToString()!] = header.Value?.ToString() ?? "";
        }

        return session;
    }
}
