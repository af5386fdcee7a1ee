using System.Management.Automation.Runspaces;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Throttling;
using AsyncPs.Web.Hosting;
using AsyncPs.Web.OpenApi;
using AsyncPs.Web.Serving;

namespace AsyncPs.Web.Commands;

/// <summary>Serves routes until it is stopped (<c>uvicorn.run</c>), or as a job.</summary>
[Cmdlet(VerbsLifecycle.Start, "AsyncServer")]
[OutputType(typeof(RequestRecord), typeof(AsyncServer))]
public sealed class StartAsyncServerCommand : WorkCommand
{
    private const int DefaultPort = 8080;
    private const string ShownTag = "PSHOST";

    private readonly List<AsyncRoute> _routes = [];
    private RecordWriter? _writer;

    /// <summary>The routes, from New-AsyncRoute.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VariableCompleter<AsyncRoute>))]
    public AsyncRoute[] Route { get; set; } = [];

    /// <summary>The port; 0 is a free one. Default: 8080.</summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    public int Port { get; set; } = DefaultPort;

    /// <summary>
    /// The addresses of this machine to listen on; <c>*</c> for all. Default: 127.0.0.1, which only this machine can reach.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ListenAddressCompleter))]
    public string[] ListenAddress { get; set; } = ["127.0.0.1"];

    /// <summary>The path of a Unix socket to listen on, instead of a port unless -Port or -ListenAddress is given too.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UnixSocket { get; set; }

    /// <summary>A certificate with its private key, or the path of a PFX or PEM file, for HTTPS. Default: HTTP.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? Certificate { get; set; }

    /// <summary>The password of the certificate's file.</summary>
    [Parameter]
    [ValidateNotNull]
    public System.Security.SecureString? CertificatePassword { get; set; }

    /// <summary>Admits a client, given the request as `$_`, by writing a value. Default: all clients are admitted.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Authorize { get; set; }

    /// <summary>How clients authenticate. Default: the block of -Authorize reads the request itself.</summary>
    [Parameter]
    public AuthorizationScheme? Scheme { get; set; }

    /// <summary>How many requests run at the same time, and as many streams and web sockets in addition. Default: 100.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue / 2)]
    public int ThrottleLimit { get; set; } = 100;

    /// <summary>How many requests may wait to run; others get a 503 at once. Default: 1,000.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int QueueLimit { get; set; } = 1000;

    /// <summary>A limiter from New-Throttle that is shared with other work. Default: none.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(VariableCompleter<Throttle>))]
    public Throttle? Throttle { get; set; }

    /// <summary>How many requests per second one client may send; others get a 429. Default: no limit.</summary>
    [Parameter]
    [ValidateRange(0.001, 1e6)]
    public double? RateLimit { get; set; }

    /// <summary>How long an answer may take to start. A number means seconds. Default: 30 s.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long running requests may take when the server stops. A number means seconds. Default: 10 s.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest body of a request, in bytes. Default: 10 MiB.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long MaximumBodySize { get; set; } = 10L << 20;

    /// <summary>The largest number of connections. Default: 20,000.</summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    public long MaximumConnections { get; set; } = 20_000;

    /// <summary>
    /// The host names by which clients may call the server. Default: those of the loopback address if it listens only there; otherwise any.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] AllowedHost { get; set; } = [];

    /// <summary>
    /// The origins whose pages may read answers and open web sockets; <c>*</c> for any. Default: those of the server itself.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] CorsOrigin { get; set; } = [];

    /// <summary>Compresses answers for clients that accept it, except over HTTPS, where compression could reveal secrets.</summary>
    [Parameter]
    public SwitchParameter Compress { get; set; }

    /// <summary>The path of the page that describes the API. Default: <c>/docs</c>.</summary>
    [Parameter]
    [ValidatePattern("^/")]
    public string DocsPath { get; set; } = "/docs";

    /// <summary>Serves no description of the API.</summary>
    [Parameter]
    public SwitchParameter NoDocs { get; set; }

    /// <summary>The name of the API in its description. Default: API.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Title { get; set; } = "API";

    /// <summary>The version of the API in its description. Default: 1.0.0.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string ApiVersion { get; set; } = "1.0.0";

    /// <summary>Listens at once, which makes the first requests slower.</summary>
    [Parameter]
    public SwitchParameter NoWarmUp { get; set; }

    /// <summary>Writes a line to the information stream for each request.</summary>
    [Parameter]
    public SwitchParameter RequestLog { get; set; }

    /// <summary>Writes an object for each request when it has been answered.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Returns a job at once, and serves in the background.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>The name of the job. Default: Job and a number.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <inheritdoc/>
    private protected override void Process() => _routes.AddRange(Route);

    /// <inheritdoc/>
    private protected override void End()
    {
        IReadOnlyList<IPAddress> addresses = ReadAddresses();
        X509Certificate2? certificate = CertificateReader.Read(this, Certificate, CertificatePassword);
        WarnIfOpen(addresses, certificate);
        IWebHosting hosting = WebFramework.Hosting;
        var log = new ServerLog();
        ApiDescription? description = NoDocs ? null : new ApiDescription(Title, ApiVersion, DocsPath);
        var app = new WebApp(_routes, AppOptionsOf(), CaptureOptions, this, log, description);
        AsyncServer server;
        try
        {
            server = Start(hosting, app, log, addresses, certificate);
        }
        catch
        {
            app.Stop();
            app.Dispose();
            throw;
        }

        if (AsJob)
        {
            JobRepository.Add(server);
            server.Begin(log);
            WriteObject(server);
        }
        else
        {
            Serve(server, log);
        }
    }

    private AsyncServer Start(
        IWebHosting hosting,
        WebApp app,
        ServerLog log,
        IReadOnlyList<IPAddress> addresses,
        X509Certificate2? certificate)
    {
        AsyncServer? started = null;
        var options = new ServerOptions
        {
            Addresses = addresses,
            Port = Port,
            UnixSocket = UnixSocket is null ? null : SessionState.Path.GetUnresolvedProviderPathFromPSPath(UnixSocket),
            Certificate = certificate,
            AllowedHosts = AllowedHost.Length > 0
                ? AllowedHost
                : addresses.All(IPAddress.IsLoopback) && addresses.Count > 0
                ? ["localhost", "127.0.0.1", "[::1]"]
                : [],
            CorsOrigins = CorsOrigin,
            Compresses = Compress,
            RateLimit = RateLimit,
            MaximumBodySize = MaximumBodySize,
            MaximumConnections = MaximumConnections,
            Answered = () => started?.Count(),
            Recorded = PassThru || RequestLog ? record => Note(record, log) : null,
            Failed = log.Error,
        };
        IWebServer server = hosting.Create(options, app.Endpoints);
        if (!NoWarmUp)
        {
            Wait(new ValueTask(RequestWarmUp.RunAsync(app, StopToken)));
        }

        if (app.Failure.IsCompleted)
        {
            ThrowTerminatingError(CallErrors.CallFailed(app.Failure.Result));
        }

        var run = new ServerRun(app, server, ShutdownTimeout);
        try
        {
            Wait(new ValueTask(run.StartAsync(StopToken)));
        }
        catch (IOException e)
        {
            ThrowTerminatingError(WebErrors.CannotListen(UnixSocket ?? $"{string.Join(", ", ListenAddress)} port {Port}", e));
        }

        started = new AsyncServer(run, [.. _routes], WorkItem.Current?.Call.Home ?? Runspace.DefaultRunspace, MyInvocation.Line, Name);
        RunningServers.Add(started);
        return started;
    }

    private void Serve(AsyncServer server, ServerLog log)
    {
        _writer = new RecordWriter(this);
        try
        {
            Show($"Listening on {string.Join(" and ", server.Uri)} - Ctrl+C stops the server.");
            Wait(ServeAsync(server, log));
            while (log.Records.TryRead(out StreamRecord record))
            {
                Write(record, log);
            }
        }
        finally
        {
            Stop(server);
        }

        if (server.Run.App.Failure.IsCompleted)
        {
            ThrowTerminatingError(CallErrors.CallFailed(server.Run.App.Failure.Result));
        }
    }

    // On the pipeline thread, which waits for records to write.
    private ValueTask ServeAsync(AsyncServer server, ServerLog log)
    {
        Task over = Task.WhenAny(server.Run.StopRequested, server.Run.App.Failure);
        while (!over.IsCompleted)
        {
            Task<bool> arrival = log.Records.WaitToReadAsync(StopToken).AsTask();
            Wait(new ValueTask(Task.WhenAny(over, arrival)));
            StopToken.ThrowIfCancellationRequested();
            while (log.Records.TryRead(out StreamRecord record))
            {
                Write(record, log);
            }
        }

        return new ValueTask(server.Stop());
    }

    private void Write(StreamRecord record, ServerLog log)
    {
        _writer!.Write(record);
        if (log.TakeDropped() is > 0 and var dropped)
        {
            WriteWarning(WebErrors.RecordsDropped(dropped));
        }
    }

    // However the pipeline ended. A second Ctrl+C ends the wait.
    private static void Stop(AsyncServer server)
    {
        using PosixSignalRegistration hurry = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => server.Run.Hurry());
        Uninterrupted.Run(() => server.Stop().Wait());
        RunningServers.Remove(server);
    }

    private void Note(RequestRecord record, ServerLog log)
    {
        if (PassThru)
        {
            log.Write(new StreamRecord(null, StreamKind.Output, record));
        }

        if (RequestLog)
        {
            log.Write(new StreamRecord(null, StreamKind.Information, Information(record.ToString(), "Request")));
        }
    }

    private void Show(string text) => WriteInformation(Information(text, "AsyncServer"));

    private static InformationRecord Information(string text, string source)
    {
        var record = new InformationRecord(new HostInformationMessage { Message = text }, source);
        record.Tags.Add(ShownTag);
        return record;
    }

    private AppOptions AppOptionsOf()
    {
        if (Scheme is not null && Authorize is null)
        {
            throw new ConcurrentArgumentException(ParameterErrors.NeedsParameter(nameof(Scheme), nameof(Authorize)));
        }

        return new AppOptions
        {
            ThrottleLimit = ThrottleLimit,
            QueueLimit = QueueLimit,
            Throttle = Throttle,
            RequestTimeout = RequestTimeout,
            Authorize = Authorize,
            Scheme = Scheme,
            Origins = CorsOrigin,
        };
    }

    private IReadOnlyList<IPAddress> ReadAddresses()
    {
        bool onlySocket = UnixSocket is not null
            && !MyInvocation.BoundParameters.ContainsKey(nameof(Port))
            && !MyInvocation.BoundParameters.ContainsKey(nameof(ListenAddress));
        return onlySocket ? [] : [.. ListenAddress.Select(static text => text switch
        {
            "*" or "+" => IPAddress.IPv6Any,
            "localhost" => IPAddress.Loopback,
            _ => IPAddress.TryParse(text, out IPAddress? address)
                ? address
                : throw WebErrors.ArgumentInvalid(
                    $"-ListenAddress: '{text}' is not an address. Use an address of this machine, such as 127.0.0.1 or ::1, or * for all.",
                    target: text),
        })];
    }

    private void WarnIfOpen(IReadOnlyList<IPAddress> addresses, X509Certificate2? certificate)
    {
        bool isPlain = certificate is null;
        bool isOpen = Authorize is null && !_routes.TrueForAll(static route => route.Authorize is not null);
        if (addresses.FirstOrDefault(static address => !IPAddress.IsLoopback(address)) is { } open && (isPlain || isOpen))
        {
            WriteWarning(
                WebErrors.PublicWithoutProtection(open.Equals(IPAddress.IPv6Any) ? "all addresses" : open.ToString(), isPlain, isOpen));
        }
    }
}
