using System.Collections;
using System.Net;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Http;
using AsyncPs.Http.Connections;
using AsyncPs.Http.Files;
using AsyncPs.Http.Paging;
using AsyncPs.Http.Requests;

namespace AsyncPs.Commands;

/// <summary>
/// The base of cmdlets that send requests: the parameters, named as those of Invoke-WebRequest, and what they mean. Each input
/// object gives a request by the names of its properties.
/// </summary>
public abstract class HttpCommand : ConcurrentCommand
{
    /// <summary>The name of the parameter set of requests.</summary>
    private protected const string UriSet = "Uri";

    /// <summary>How many requests run at once by default.</summary>
    private protected const int DefaultRequests = 64;

    private RequestBuilder? _builder;
    private object?[]? _uris;
    private bool _hasInput;

    /// <summary>The URIs to request: text, URIs, or with pipeline input a block that makes one of <c>$_</c>.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Alias("Url")]
    [ValidateNotNullOrEmpty]
    public object[]? Uri { get; set; }

    /// <summary>The method. Default: that of the input object's property, or GET, or POST with a form.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Alias("CustomMethod")]
    [ArgumentCompleter(typeof(HttpMethodCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Method { get; set; }

    /// <summary>Headers: a dictionary, or with pipeline input a block that makes one of <c>$_</c>. Those of an input object go before them.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public object? Headers { get; set; }

    /// <summary>The body: text, bytes, a file, an XML document, fields of a form (of the query with GET), or with pipeline input a block that makes one of <c>$_</c>.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public object? Body { get; set; }

    /// <summary>The fields of a form with files (multipart/form-data).</summary>
    [Parameter(ParameterSetName = UriSet)]
    public IDictionary? Form { get; set; }

    /// <summary>The file whose content is the body.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    public string? InFile { get; set; }

    /// <summary>The media type of the body.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ArgumentCompleter(typeof(MediaTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ContentType { get; set; }

    /// <summary>What the requests call themselves. Default: AsyncPs.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    public string? UserAgent { get; set; }

    /// <summary>How the requests say who sends them. Default: not at all.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public AuthenticationScheme Authentication { get; set; }

    /// <summary>User name and password, for <c>-Authentication Basic</c> or for servers that ask (Negotiate, NTLM, Digest, Basic).</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>The token for <c>-Authentication Bearer</c> or <c>OAuth</c>.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SecureString? Token { get; set; }

    /// <summary>Sends what <c>-Authentication</c> asks for also without TLS.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter AllowUnencryptedAuthentication { get; set; }

    /// <summary>Logs in as the current user where servers ask.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter UseDefaultCredentials { get; set; }

    /// <summary>The certificate shown to servers that ask for one.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>Takes any certificate of a server.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Cookies and headers shared between calls: an <see cref="HttpSession"/>, or the session of Invoke-WebRequest.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNull]
    public object? WebSession { get; set; }

    /// <summary>The name of a variable that gets a new session.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Alias("SV")]
    [ValidateNotNullOrEmpty]
    public string? SessionVariable { get; set; }

    /// <summary>The proxy. Default: that of the system.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>What the proxy is told.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Uses no proxy, not even that of the system.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter NoProxy { get; set; }

    /// <summary>The version of HTTP: 1.0, 1.1, 2 or 3; with TLS a server may answer with a lower one. Default: 1.1.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [HttpVersion]
    [ArgumentCompleter(typeof(HttpVersionCompleter))]
    public Version HttpVersion { get; set; } = System.Net.HttpVersion.Version11;

    /// <summary>How many redirects a request follows; none with 0. Default: 5.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateRange(0, int.MaxValue)]
    public int MaximumRedirection { get; set; } = HttpCallOptions.DefaultMaximumRedirection;

    /// <summary>Follows redirects from https to http.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter AllowInsecureRedirect { get; set; }

    /// <summary>Keeps the method on redirects that would make it GET.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter PreserveHttpMethodOnRedirect { get; set; }

    /// <summary>Writes responses whose status says failure like any other, instead of an error.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter SkipHttpErrorCheck { get; set; }

    /// <summary>How many seconds it may take until the headers of the response are there; 0 for any time. Default: 100.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Alias("TimeoutSec")]
    [ValidateRange(0, MaximumSeconds)]
    public double ConnectionTimeoutSeconds { get; set; } = HttpCallOptions.DefaultTimeoutSeconds;

    /// <summary>How many seconds may pass without anything more of a body; 0 for any time. Default: 100, and any time for lines and events.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateRange(0, MaximumSeconds)]
    public double OperationTimeoutSeconds { get; set; } = HttpCallOptions.DefaultTimeoutSeconds;

    /// <summary>How many bytes of a decompressed body, of a line or of an event may be in memory. Default: 256 MB.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateRange(1, long.MaxValue)]
    public long MaximumResponseSize { get; set; } = HttpCallOptions.DefaultMaximumResponseSize;

    /// <summary>How many connections to one server there may be over HTTP/1.1. Default: as many as requests run.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateRange(1, int.MaxValue)]
    public int MaxConnectionsPerServer { get; set; } = int.MaxValue;

    /// <summary>What a response becomes. Default: one <see cref="HttpResult"/>.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public ResponseFormat As { get; set; }

    /// <summary>The file that the body of a single request goes to.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    public string? OutFile { get; set; }

    /// <summary>The directory that bodies go to, under the names that the server or the URI gives them. Made if it is missing.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    public string? OutDirectory { get; set; }

    /// <summary>Keeps unfinished files, and continues those of an earlier call.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter Resume { get; set; }

    /// <summary>Goes on with the page that the Link header calls "next", until there is none.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Alias("FL")]
    public SwitchParameter FollowRelLink { get; set; }

    /// <summary>How many pages after the first are requested. Default: all.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Alias("ML")]
    [ValidateRange(1, int.MaxValue)]
    public int MaximumFollowRelLink { get; set; } = int.MaxValue;

    /// <summary>
    /// Finds the next page: <c>$_</c> is what the page became, <c>$args[0]</c> its <see cref="HttpResult"/>. It gives a URI, or a hashtable
    /// of what differs from this request (Uri, Method, Headers, Body, ContentType), or nothing after the last page.
    /// </summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNull]
    public ScriptBlock? NextPage { get; set; }

    // The longest that a timer takes.
    private const double MaximumSeconds = int.MaxValue / 1000;

    /// <summary>Whether the user gave any parameter that is only for requests.</summary>
    private bool AsksForRequests => MyInvocation.BoundParameters.Keys.Any(typeof(HttpCommand).GetProperties(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.DeclaredOnly).Select(p => p.Name).Contains);

    /// <summary>Reads the parameters.</summary>
    /// <param name="hasInput">Whether input objects will come.</param>
    /// <exception cref="ConcurrentArgumentException">One of them is wrong.</exception>
    private protected HttpJob OpenRequests(bool hasInput)
    {
        _hasInput = hasInput;
        _uris = Uri;
        if (_uris is null && !hasInput)
        {
            throw new ConcurrentArgumentException(Errors.NothingToRun());
        }

        CheckParameters(hasInput);
        HttpSession session = ReadSession();
        _builder = new RequestBuilder(CreateTemplate(session));
        try
        {
            RequestBuilder.ParseHeaders(RequestTemplate.IsBlock(Headers) ? null : Headers);
        }
        catch (FormatException e)
        {
            throw Errors.HttpArgumentInvalid("-Headers: " + e.Message);
        }

        return new HttpJob(CreateOptions(session, _builder));
    }

    /// <summary>Adds the requests of an input object, or without input those of the URIs.</summary>
    private protected void AddRequests(object? input)
    {
        foreach (ItemInput item in MakeRequests(input))
        {
            Call.Add(item.Input, item.Work);
        }
    }

    /// <summary>Makes the requests of an input object, or without input those of the URIs.</summary>
    private protected IEnumerable<ItemInput> MakeRequests(object? input)
    {
        var item = new InputObject(input);
        if (_uris is not null)
        {
            return _uris.Select(uri => MakeRequest(item.Evaluate, uri, _hasInput ? input : null, item));
        }

        if (item.Uri is null && Call.Added == 0 && !AsksForRequests)
        {
            // Nothing speaks of requests: it is the block that is missing.
            ThrowTerminatingError(Errors.NothingToRun());
        }

        return [MakeRequest(static (uri, _) => uri, item.Uri, input, item)];
    }

    private ItemInput MakeRequest(Func<object?, object?[], object?> evaluate, object? uri, object? input, InputObject item)
    {
        HttpWork work;
        try
        {
            uri = evaluate(uri, []);
            work = uri is null ? new HttpWork { Failure = Errors.HttpUriMissing() } : new HttpWork { Request = _builder!.Build(uri, item) };
        }
        catch (HttpCallException e)
        {
            work = new HttpWork { Failure = e };
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            work = new HttpWork { Failure = Errors.HttpRequestBlockFailed(e) };
        }

        return new ItemInput(ShownInput(input ?? uri, work), work);
    }

    // Errors and results show what went in, and a password in a URI is not to be seen there.
    private static object? ShownInput(object? input, HttpWork work)
        => RequestTemplate.Unwrap(input) switch
        {
            string text when text.Contains('@', StringComparison.Ordinal) => work.Request?.Uri.AbsoluteUri ?? Uris.Show(text),
            Uri { IsAbsoluteUri: true, UserInfo.Length: > 0 } uri => Uris.WithoutUserInfo(uri),
            _ => input,
        };

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

        if (RequestTemplate.Unwrap(WebSession) is HttpSession own)
        {
            return own;
        }

        PSObject other = PSObject.AsPSObject(WebSession);
        if (other.Properties["Cookies"]?.Value is not CookieContainer cookies)
        {
            throw Errors.HttpArgumentInvalid("-WebSession takes a session: one of -SessionVariable, of [AsyncPs.Http.HttpSession]::new(), or of Invoke-WebRequest.");
        }

        var session = new HttpSession(cookies) { UserAgent = other.Properties["UserAgent"]?.Value as string };
        foreach (DictionaryEntry header in RequestTemplate.AsFields(other.Properties["Headers"]?.Value) ?? new Hashtable())
        {
            session.Headers[header.Key.ToString()!] = header.Value?.ToString() ?? "";
        }

        return session;
    }

    private RequestTemplate CreateTemplate(HttpSession session) => new()
    {
        Uris = Uri,
        Method = Method,
        Headers = Headers,
        Body = Body,
        Form = Form,
        InFile = InFile,
        ContentType = ContentType,
        UserAgent = UserAgent ?? session.UserAgent,
        OutFile = OutFile,
        Authorization = Authentication switch
        {
            AuthenticationScheme.Basic => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Credential!.UserName}:{Credential.GetNetworkCredential().Password}")),
            AuthenticationScheme.Bearer or AuthenticationScheme.OAuth => "Bearer " + new NetworkCredential("", Token).Password,
            _ => null,
        },
        AllowsUnencryptedAuthentication = AllowUnencryptedAuthentication,
        SessionHeaders = session.Headers.Count > 0 ? session.Headers : null,
        ResolvePath = SessionState.Path.GetUnresolvedProviderPathFromPSPath,
    };

    private HttpCallOptions CreateOptions(HttpSession session, RequestBuilder builder)
    {
        bool streams = As is ResponseFormat.Lines or ResponseFormat.ServerSentEvents;
        return new HttpCallOptions
        {
            As = As,
            Version = HttpVersion,
            MaximumRedirection = MaximumRedirection,
            AllowsInsecureRedirect = AllowInsecureRedirect,
            KeepsMethodOnRedirect = PreserveHttpMethodOnRedirect,
            SkipsErrorCheck = SkipHttpErrorCheck,
            ConnectionTimeout = Seconds(ConnectionTimeoutSeconds),
            OperationTimeout = streams && !IsBound(nameof(OperationTimeoutSeconds)) ? null : Seconds(OperationTimeoutSeconds),
            MaximumResponseSize = MaximumResponseSize,
            Cookies = session.Cookies,
            Files = OpenFiles(),
            NextPage = NextPage is not null ? new NextPageBlock(NextPage, builder) : FollowRelLink ? new RelationLinks() : null,
            MaximumPages = MaximumFollowRelLink,
            Connections = new ConnectionSettings
            {
                Proxy = Proxy,
                NoProxy = NoProxy,
                ProxyCredentials = ProxyCredential?.GetNetworkCredential(),
                Certificate = Certificate,
                SkipCertificateCheck = SkipCertificateCheck,
                MaxConnectionsPerServer = MaxConnectionsPerServer,
                Decompresses = !Resume,
                Credentials = UseDefaultCredentials ? CredentialCache.DefaultCredentials : Authentication == AuthenticationScheme.None ? Credential?.GetNetworkCredential() : null,
            },
        };
    }

    private FileStore OpenFiles()
    {
        string? directory = OutDirectory is null ? null : SessionState.Path.GetUnresolvedProviderPathFromPSPath(OutDirectory);
        if (directory is not null)
        {
            try
            {
                Directory.CreateDirectory(directory);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Errors.HttpArgumentInvalid($"-OutDirectory: '{directory}' cannot be made. {e.Message}", "HttpDirectoryNotMade");
            }
        }

        return new FileStore(directory, Resume);
    }

    private void CheckParameters(bool hasInput)
    {
        Require(!(Authentication == AuthenticationScheme.Basic && Credential is null), "-Authentication Basic needs -Credential.");
        Require(!(Authentication is AuthenticationScheme.Bearer or AuthenticationScheme.OAuth && Token is null), $"-Authentication {Authentication} needs -Token.");
        Require(Token is null || Authentication is AuthenticationScheme.Bearer or AuthenticationScheme.OAuth, "-Token is for -Authentication Bearer or OAuth.");
        Require(new object?[] { Body, Form, InFile }.Count(p => p is not null) < 2, "-Body, -Form and -InFile exclude each other.");
        Require(WebSession is null || SessionVariable is null, "-WebSession and -SessionVariable exclude each other.");
        Require(!NoProxy || Proxy is null, "-NoProxy and -Proxy exclude each other.");
        Require(!FollowRelLink || NextPage is null, "-FollowRelLink and -NextPage exclude each other.");
        Require(FollowRelLink || NextPage is not null || !IsBound(nameof(MaximumFollowRelLink)), "-MaximumFollowRelLink is for -FollowRelLink or -NextPage.");
        Require(OutFile is null || (!hasInput && Uri is { Length: 1 }), "-OutFile is for one request. Use -OutDirectory, or give the input objects a property OutFile.");
        Require(OutFile is null || OutDirectory is null, "-OutFile and -OutDirectory exclude each other.");
        Require(OutFile is null || (!FollowRelLink && NextPage is null), "-OutFile is for one response, not for pages. Use -OutDirectory.");
        Require(!IsBound(nameof(As)) || As == ResponseFormat.Result || (OutFile is null && OutDirectory is null), "-As says what becomes of a body in memory: leave it out with -OutFile and -OutDirectory.");
        Require(Credential is null || !UseDefaultCredentials, "-Credential and -UseDefaultCredentials exclude each other.");
        Require(hasInput || !(RequestTemplate.IsBlock(Body) || RequestTemplate.IsBlock(Headers) || Uri?.Any(RequestTemplate.IsBlock) == true), "A block as -Uri, -Headers or -Body makes its value of an input object: pipe some in.");
        if (!RequestTemplate.IsBlock(Headers) && Headers is not null)
        {
            Require(RequestTemplate.AsFields(Headers) is not null, "-Headers takes a dictionary of names and values.");
        }
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw Errors.HttpArgumentInvalid(message);
        }
    }

    private static TimeSpan? Seconds(double seconds) => seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;
}
